import { stat } from 'node:fs/promises';
import { Failure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';
import { errorCode } from './read-bytes.ts';
import { readCredential, readWord } from './read-credential.ts';

/** Where a service account's token and its role are looked for; the first that is there counts. */
export interface WebIdentityPlaces {
  /** A folder with the files `token` and `role-arn`; null: none is mounted. */
  readonly folder: string | null;
  /** Wins over the folder. */
  readonly tokenFile: string | null;
  /** Wins over the folder. */
  readonly role: string | null;
}

const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,1500}$/;

/**
 * A service account's token and its role: what the configuration names, else what is mounted, else what EKS injects
 * (`AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN`). Read anew at each call. A failure names places, never the token.
 */
export async function readWebIdentity(places: WebIdentityPlaces): Promise<{ token: string; role: string }> {
  return { token: await readToken(places), role: await readRole(places) };
}

async function readToken({ folder, tokenFile }: WebIdentityPlaces): Promise<string> {
  const path = tokenFile ?? (await mounted(folder, 'token')) ?? injected('AWS_WEB_IDENTITY_TOKEN_FILE');
  if (path !== null) return readWord({ kind: 'file', path });
  throw missing('token of a service account', folder, 'token', 'AWS_WEB_IDENTITY_TOKEN_FILE');
}

async function readRole({ folder, role }: WebIdentityPlaces): Promise<string> {
  if (role !== null) return role;
  const path = await mounted(folder, 'role-arn');
  const found = path === null ? injected('AWS_ROLE_ARN') : await readCredential({ kind: 'file', path });
  if (found === null) throw missing('role for the service account', folder, 'role-arn', 'AWS_ROLE_ARN');
  if (ROLE.test(found)) return found;
  const place = path === null ? 'the environment variable AWS_ROLE_ARN' : `the file ${plainText(path)}`;
  throw new Failure(`${place} holds no ARN of an IAM role`, {
    code: 'config-invalid',
    retry: 'never',
    hint: 'It must be of the form arn:aws:iam::111122223333:role/name.',
  });
}

/** The full path of a file in the folder; null where it is not there. What cannot be looked at counts as there. */
async function mounted(folder: string | null, name: string): Promise<string | null> {
  if (folder === null) return null;
  const path = `${folder}/${name}`;
  try {
    await stat(path);
    return path;
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes(errorCode(error)) ? null : path;
  }
}

function injected(name: string): string | null {
  const value = (process.env[name] ?? '').trim();
  return value === '' ? null : value;
}

function missing(what: string, folder: string | null, name: string, variable: string): Failure {
  const looked = folder === null ? variable : `${plainText(folder)}/${name} and ${variable}`;
  return new Failure(`found no ${what}: looked at ${looked}`, {
    code: 'config-invalid',
    retry: 'never',
    hint: 'Mount a projected token and its role there, or give the service account a role (eks.amazonaws.com/role-arn).',
  });
}
