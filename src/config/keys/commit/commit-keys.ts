import { AUTHOR, FULL_PATH, SECRET_FILE } from '../forms.ts';
import { choice, type KeyRow, SECTION, text } from '../key.ts';
import { SUBJECT_WORDS } from '../words/word-keys.ts';

const COMMIT = 'spec.repositories[].commit';
const SIGNING = `${COMMIT}.signing`;

export const COMMIT_WAYS = ['git', 'api'] as const;
export const SIGNATURE_FORMATS = ['openpgp', 'ssh'] as const;

/** Keys of `spec.repositories[].commit`: who commits, and who signs. */
export const COMMIT_KEYS: readonly KeyRow[] = [
  { path: COMMIT, type: SECTION, default: null, about: 'Who commits, how it is said, and who signs.', example: '{}' },
  {
    path: `${COMMIT}.author`,
    type: text(AUTHOR),
    default: 'gitops-reloader <gitops-reloader@noreply.invalid>',
    about: 'Author and committer. Under `via: api` with a GitHub App, GitHub puts the bot of the App there instead.',
    example: '"gitops-reloader <bot@acme.example>"',
  },
  SUBJECT_WORDS,
  {
    path: `${COMMIT}.via`,
    type: choice(COMMIT_WAYS),
    default: 'git',
    about:
      "`git`: commits are made here and pushed. `api`: GitHub makes them, and signs those of a GitHub App, so that they are *verified* without a key; the branch is still moved by a push that overwrites nobody's commit.",
    example: 'git',
  },
  {
    path: SIGNING,
    type: SECTION,
    default: null,
    about:
      'Signs commits with a [key of your own](#signed-and-verified-commits), under `via: git`. Left out: they are not signed.',
    example: '{format: ssh, keyFile: /etc/gitops-reloader/secrets/signing/key}',
  },
  {
    path: `${SIGNING}.format`,
    type: choice(SIGNATURE_FORMATS),
    about: '`openpgp`: an armored private key. `ssh`: a private key that `ssh-keygen` wrote (Ed25519, RSA, ECDSA).',
    example: 'ssh',
  },
  {
    path: `${SIGNING}.(keyFile|passphraseFile)`,
    type: text(FULL_PATH),
    default: null,
    about: 'The private key, and the passphrase where it has one; read anew at each use.',
    example: '/etc/gitops-reloader/secrets/signing/key',
    secret: true,
  },
  {
    path: `${SIGNING}.(keySecretRef|passphraseSecretRef)`,
    type: SECTION,
    default: null,
    about: 'The same as a mounted secret, instead of a file.',
    example: '{name: signing, key: key}',
  },
  {
    path: `${SIGNING}.(keySecretRef|passphraseSecretRef).(name|key)`,
    type: text(SECRET_FILE),
    about: 'The file is `<secretsDir>/<name>/<key>`.',
    example: 'signing',
    secret: true,
  },
];
