import type { CredentialPlace } from '../../domain/policy.ts';
import type { ForgeAuth, ForgeConfig } from '../config.ts';
import { FORGE_TYPES } from '../keys/repository-keys.ts';
import { nameOf, offsetOf, type Section } from './section.ts';
import { readSecretRef } from './sources.ts';
import { readChoice, readSection, readSectionOrNull, readText, readTextOrNull } from './values.ts';

/** `spec.repositories[].forge`; owner and repository come from `url`, which is `''` where it was already reported. */
export function readForge(repository: Section, url: string, secretsDir: string): ForgeConfig {
  const forge = readSection(repository, 'forge');
  const target = readTarget(url);
  if (target === null && url !== '') {
    const message = `${nameOf(repository, 'url')} does not name an owner and a repository`;
    repository.report.problem(
      offsetOf(repository, 'url'),
      message,
      'for example https://github.com/acme/platform-gitops.git',
    );
  }
  return {
    type: readChoice(forge, 'type', FORGE_TYPES),
    apiUrl: (readTextOrNull(forge, 'apiUrl') ?? target?.apiUrl ?? '').replace(/\/+$/, ''),
    owner: target?.owner ?? '',
    repository: target?.repository ?? '',
    auth: readForgeAuth(readSection(forge, 'auth'), secretsDir),
  };
}

function readTarget(address: string) {
  if (address === '') return null;
  const url = new URL(address);
  const match = /^\/(?<owner>[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}))\/(?<name>[\w.-]{1,100})$/.exec(url.pathname);
  const owner = match?.[1];
  const repository = match?.[2]?.replace(/\.git$/, '');
  if (owner === undefined || repository === undefined || /^\.{0,2}$/.test(repository)) return null;
  return { owner, repository, apiUrl: defaultApiUrl(url) };
}

/** github.com and ghe.com have a host of their own for the API; a GitHub Enterprise Server has a path. */
function defaultApiUrl(url: URL): string {
  if (url.hostname === 'github.com') return 'https://api.github.com';
  return url.hostname.endsWith('.ghe.com') ? `https://api.${url.hostname}` : `${url.origin}/api/v3`;
}

function readForgeAuth(auth: Section, secretsDir: string): ForgeAuth {
  const token = readSectionOrNull(auth, 'token');
  const app = readSectionOrNull(auth, 'app');
  if (auth.values.has('token') === auth.values.has('app')) {
    auth.report.problem(
      auth.offset,
      `${auth.shown} must have one of token, app`,
      'for example token: {env: GITHUB_TOKEN}',
    );
  }
  if (app !== null) {
    return {
      kind: 'app',
      appId: readText(app, 'id'),
      installationId: readTextOrNull(app, 'installationId'),
      privateKey: { kind: 'file', path: readText(app, 'privateKeyFile') },
    };
  }
  return { kind: 'token', token: token === null ? { kind: 'env', name: '' } : readTokenPlace(token, secretsDir) };
}

function readTokenPlace(token: Section, secretsDir: string): CredentialPlace {
  const env = readTextOrNull(token, 'env');
  const file = readTextOrNull(token, 'file');
  const ref = readSectionOrNull(token, 'secretRef');
  const given = ['env', 'file', 'secretRef'].filter((name) => token.values.has(name));
  if (given.length !== 1) {
    const hint = 'the token itself is never written here';
    token.report.problem(token.offset, `${token.shown} must have one of env, file, secretRef`, hint);
  }
  if (ref !== null) return readSecretRef(ref, secretsDir);
  return file === null ? { kind: 'env', name: env ?? '' } : { kind: 'file', path: file };
}
