import type { AwsCredentials } from '../adapters/aws/aws-credentials.ts';
import { readWord } from '../adapters/local/read-credential.ts';
import { readWebIdentity } from '../adapters/local/read-web-identity.ts';
import type { Account, SourceAuth } from '../config/config.ts';

/** The identity that an `auth` section names; what it is made of is read when it is used. */
export function ownCredentials(auth: SourceAuth, sessionName: string, stsEndpoint: string | null): AwsCredentials {
  switch (auth.authMethod) {
    case 'default':
      return { kind: 'default' };
    case 'serviceAccount':
      return { kind: 'web-identity', read: () => readWebIdentity(auth), sessionName, stsEndpoint };
    case 'static': {
      const { accessKeyId, secretAccessKey, sessionToken } = auth;
      const read = async () => ({
        accessKeyId: await readWord(accessKeyId),
        secretAccessKey: await readWord(secretAccessKey),
        sessionToken: sessionToken === null ? null : await readWord(sessionToken),
      });
      return { kind: 'read', read };
    }
  }
}

/** The roles to describe an account's secrets with, in the order in which they are assumed. */
export function rolesInOrder({ role, additionalRoles }: Pick<Account, 'role' | 'additionalRoles'>): readonly string[] {
  return role === null ? [] : [...additionalRoles, role];
}

/** How sessions of this instance show in CloudTrail. */
export function sessionNameOf(instance: string): string {
  return `gitops-reloader-${instance}`.slice(0, 64);
}
