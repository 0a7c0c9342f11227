import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './service-endpoint.ts';

/** Which link of the SDK's chain is the first to have something. */
export type ChainSource = 'environment keys' | 'profile' | 'web identity' | 'container' | 'instance' | 'none';

export interface ChainUse {
  readonly source: ChainSource;
  /** The roles that are meant for this process and stay unused, because something else comes first. */
  readonly shadowed: readonly ('web identity' | 'container')[];
}

/** What the SDK's chain would take here. Names of variables and files are looked at, and no credential. */
export function chainUse(environment: Environment = process.env): ChainUse {
  return chainUseOf(environment, hasDefaultProfile(environment));
}

/**
 * The decision, in the SDK's order: keys of the environment (unless a profile is named), profile, web identity, container,
 * instance. A profile that is named counts, whatever is in it.
 */
export function chainUseOf(environment: Environment, hasProfile: boolean): ChainUse {
  const isProfileNamed = isSet(environment, 'AWS_PROFILE');
  const roles = rolesMeant(environment);
  const [first, ...others] = roles;
  if (!isProfileNamed && isSet(environment, 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY')) {
    return { source: 'environment keys', shadowed: roles };
  }
  if (isProfileNamed || hasProfile) return { source: 'profile', shadowed: roles };
  if (first !== undefined) return { source: first, shadowed: others };
  const disabled = environment['AWS_EC2_METADATA_DISABLED'] ?? '';
  return { source: disabled === '' || disabled === 'false' ? 'instance' : 'none', shadowed: [] };
}

/** What EKS and ECS put into the environment of a process that is to have a role. */
function rolesMeant(environment: Environment): ChainUse['shadowed'] {
  const hasToken = isSet(environment, 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN');
  const variables = ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  const hasContainer = variables.some((name) => isSet(environment, name));
  return [...(hasToken ? (['web identity'] as const) : []), ...(hasContainer ? (['container'] as const) : [])];
}

function isSet(environment: Environment, ...names: readonly string[]): boolean {
  return names.every((name) => (environment[name] ?? '') !== '');
}

const MAX_BYTES = 256 * 1024;
const GIVES =
  /^\s*(?:aws_access_key_id|role_arn|credential_process|sso_session|sso_start_url|sso_account_id|login_session)\s*=/;

/** Whether a text in the form of AWS's profile files says where the default profile's credentials come from. */
export function givesCredentials(text: string): boolean {
  let isDefault = false;
  return text.split('\n').some((line) => {
    const section = /^\s*\[\s*(?:profile\s+)?["']?([^"'\]]*?)["']?\s*\]/.exec(line)?.[1];
    if (section !== undefined) isDefault = section === 'default';
    return isDefault && GIVES.test(line);
  });
}

function hasDefaultProfile(environment: Environment): boolean {
  const folder = join(homedir(), '.aws');
  const files = [
    environment['AWS_SHARED_CREDENTIALS_FILE'] ?? join(folder, 'credentials'),
    environment['AWS_CONFIG_FILE'] ?? join(folder, 'config'),
  ];
  return files.some((file) => givesCredentials(beginning(file)));
}

/** The beginning of a file; nothing where there is none. */
function beginning(path: string): string {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!fstatSync(descriptor).isFile()) return '';
      const buffer = Buffer.alloc(MAX_BYTES);
      return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, MAX_BYTES, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}
