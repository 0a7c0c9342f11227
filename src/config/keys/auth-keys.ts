import { FULL_PATH, ROLE, SECRET_FILE } from './forms.ts';
import { choice, type KeyRow, SECTION, text } from './key.ts';

export const AUTH_METHODS = ['default', 'static', 'serviceAccount'] as const;

/** Which further keys each method takes. */
export const AUTH_PARTS = {
  default: [],
  static: ['secretRef'],
  serviceAccount: ['serviceAccountRef', 'role', 'tokenFile'],
} as const satisfies Record<(typeof AUTH_METHODS)[number], readonly string[]>;

/** Keys of an `auth` section: an identity in AWS. */
export function authKeys(auth: string, about: string): readonly KeyRow[] {
  const place = `${auth}.secretRef.(accessKeyIdSecretRef|secretAccessKeySecretRef|sessionTokenSecretRef)`;
  return [
    { path: auth, type: SECTION, default: null, about, example: '{authMethod: default}' },
    {
      path: `${auth}.authMethod`,
      type: choice(AUTH_METHODS),
      default: 'default',
      about:
        "`default`: the AWS SDK's chain (IRSA, Pod Identity, instance role, …). `static`: keys from mounted files. `serviceAccount`: a service account's token, exchanged for a role.",
      example: 'default',
    },
    {
      path: `${auth}.secretRef`,
      type: SECTION,
      default: null,
      about: 'For `static`: where the keys are.',
      example: '{}',
    },
    {
      path: place,
      type: SECTION,
      default: null,
      about: 'One key; the session token may be left out.',
      example: '{name: aws, key: access-key-id}',
    },
    {
      path: `${place}.(name|key)`,
      type: text(SECRET_FILE),
      about: 'The file is `<secretsDir>/<name>/<key>`.',
      example: 'aws',
      secret: true,
    },
    ...serviceAccountKeys(auth),
  ];
}

function serviceAccountKeys(auth: string): readonly KeyRow[] {
  return [
    {
      path: `${auth}.serviceAccountRef`,
      type: SECTION,
      default: null,
      about:
        'For `serviceAccount`: the files `<secretsDir>/<name>/token` and `role-arn`; what is not there comes from what EKS injects (`AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN`).',
      example: '{name: rotation-reader}',
    },
    {
      path: `${auth}.serviceAccountRef.name`,
      type: text(SECRET_FILE),
      about: 'The folder below `secretsDir`.',
      example: 'rotation-reader',
    },
    {
      path: `${auth}.role`,
      type: text(ROLE),
      default: null,
      about: 'For `serviceAccount`: the role, instead of `role-arn`.',
      example: 'arn:aws:iam::111122223333:role/rotation-reader',
    },
    {
      path: `${auth}.tokenFile`,
      type: text(FULL_PATH),
      default: null,
      about: 'For `serviceAccount`: the token, instead of `token`; read anew at each renewal.',
      example: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token',
      secret: true,
    },
  ];
}
