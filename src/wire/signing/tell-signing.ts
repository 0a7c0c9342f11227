import { createSystemClock } from '../../adapters/local/system-clock.ts';
import type { Config, Repository } from '../../config/config.ts';
import { Failure } from '../../domain/failure.ts';
import type { SigningKey } from '../../domain/signing/signing-key.ts';
import type { Log } from '../../ports.ts';
import type { Finding } from '../../service/report/doctor.ts';
import { openSigner } from './open-signer.ts';

const SOON_MILLISECONDS = 30 * 86_400_000;

type Repositories = Pick<Config, 'repositories'>;

/** Says at the start which key signs. Rejects with a `Failure` that names the repository whose key cannot. */
export async function tellSigning(config: Repositories, log: Log): Promise<void> {
  for (const { name } of config.repositories.filter(isUnsignedByHost)) {
    log.warn({ repository: name, hint: NOT_FOR_TOKENS }, 'commits are not signed');
  }
  for (const { repository, key } of await triedKeys(config)) {
    if (key instanceof Failure) {
      const { message, code, retry, hint } = key;
      throw new Failure(`repository ${repository.name}: ${message}`, { code, retry, hint });
    }
    log.info({ repository: repository.name, key: key.name }, 'commits are signed');
    const hint = worryOf(key, repository);
    if (hint !== null) log.warn({ repository: repository.name, key: key.name, hint }, 'a signing key needs a look');
  }
}

/** The same for `doctor`: a finding for each repository whose commits are signed. */
export async function signingFound(config: Repositories): Promise<readonly Finding[]> {
  const byHost = config.repositories.filter(({ commit }) => commit.via === 'api').map(foundAtHost);
  const byKey = (await triedKeys(config)).map(({ repository, key }) => {
    const subject = `signing key of ${repository.name}`;
    if (key instanceof Failure) {
      return { subject, ok: false, detail: `${key.message} [${key.code}]`, hint: key.hint };
    }
    const until = key.expiresAt === null ? 'does not expire' : `expires on ${dayOf(key.expiresAt)}`;
    const detail = `${key.name}${key.emails === null ? '' : `, ${until}`}`;
    return { subject, ok: true, detail, hint: worryOf(key, repository) };
  });
  return [...byHost, ...byKey];
}

const NOT_FOR_TOKENS = 'GitHub signs for a GitHub App only: use one, or a key of your own under commit.signing.';

/** A token names `commit.author`, whom GitHub does not sign for. */
function isUnsignedByHost({ commit, forge }: Repository): boolean {
  return commit.via === 'api' && forge.auth.kind === 'token';
}

function foundAtHost(repository: Repository): Finding {
  const isUnsigned = isUnsignedByHost(repository);
  return {
    subject: `commits of ${repository.name}`,
    ok: true,
    detail: isUnsigned ? 'made by GitHub for a token, not signed' : 'made by GitHub, and signed for the App',
    hint: isUnsigned ? NOT_FOR_TOKENS : null,
  };
}

interface TriedKey {
  readonly repository: Repository;
  readonly key: SigningKey | Failure;
}

async function triedKeys({ repositories }: Repositories): Promise<readonly TriedKey[]> {
  const clock = createSystemClock();
  const tried: TriedKey[] = [];
  for (const repository of repositories) {
    const { signing } = repository.commit;
    if (signing === null) continue;
    const signer = await openSigner(signing, () => clock.now());
    const key = await signer.describe().catch((error: unknown) => {
      if (error instanceof Failure) return error;
      throw error;
    });
    tried.push({ repository, key });
  }
  return tried;
}

/** What will keep signatures from being accepted; null where nothing is known of. */
function worryOf({ emails, expiresAt }: SigningKey, { commit }: Repository): string | null {
  if (expiresAt !== null && expiresAt < createSystemClock().now() + SOON_MILLISECONDS) {
    return `It expires on ${dayOf(expiresAt)}: extend it, and mount it and register it again.`;
  }
  if (emails === null || emails.includes(commit.author.email)) return null;
  return 'It names another address than commit.author: GitHub shows such signatures as unverified.';
}

function dayOf(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString().slice(0, 10);
}
