import { KUSTOMIZE_MODES, ORDERS, PINS, REBASE_WHEN } from '../../domain/policy.ts';
import { EVIDENCE_KEYS } from '../evidence/evidence-keys.ts';
import { MERGE_KEYS } from '../opening/merge-keys.ts';
import { BRANCH_OPENING_KEYS, OPENING_KEYS } from '../opening/opening-keys.ts';
import { COMMIT_KEYS } from './commit/commit-keys.ts';
import { PUSH_KEYS } from './commit/push-keys.ts';
import {
  ACCOUNT,
  ADDRESS,
  BRANCH,
  DIGITS,
  ENV_NAME,
  FULL_PATH,
  GLOB,
  NON_EMPTY,
  OBJECT_NAME,
  REGION,
  SECRET_FILE,
  SLUG,
} from './forms.ts';
import { BRANCH_GROUPING_KEYS, GROUPING_KEYS } from './grouping/grouping-keys.ts';
import { choice, duration, FLAG, type KeyRow, SECTION, SECTIONS, text, texts } from './key.ts';
import { MAPPING_KEYS } from './mapping/mapping-keys.ts';
import { RESTART_KEYS } from './restart-keys.ts';
import { PULL_REQUEST_WORDS } from './words/word-keys.ts';

const LIST = 'spec.repositories';
const FORGE = `${LIST}[].forge`;
const BRANCHES = `${LIST}[].branches`;
const STORES = `${LIST}[].stores`;
const PATHS = `${LIST}[].paths`;
const PULL = `${LIST}[].pullRequest`;

export const FORGE_TYPES = ['github'] as const;
export const STORE_KINDS = ['SecretStore', 'ClusterSecretStore'] as const;
export const UNKNOWN_STORES = ['match', 'ignore'] as const;

/** Keys of `spec.repositories`: where changes are proposed. */
export const REPOSITORY_KEYS: readonly KeyRow[] = [
  { path: LIST, type: SECTIONS, about: 'The GitOps repositories.', example: '[]' },
  { path: `${LIST}[].name`, type: text(SLUG), about: 'A short name for logs and commands.', example: 'platform' },
  {
    path: `${LIST}[].url`,
    type: text(ADDRESS),
    about: 'Where Git is; without credentials.',
    example: 'https://github.com/acme/platform-gitops.git',
  },
  { path: FORGE, type: SECTION, about: 'Where pull requests are.', example: '{type: github}' },
  { path: `${FORGE}.type`, type: choice(FORGE_TYPES), about: 'GitHub or GitHub Enterprise.', example: 'github' },
  {
    path: `${FORGE}.apiUrl`,
    type: text(ADDRESS),
    default: null,
    about: 'Left out: `https://api.github.com`, or `https://<host>/api/v3` for GitHub Enterprise Server.',
    example: 'https://github.acme.example/api/v3',
  },
  { path: `${FORGE}.auth`, type: SECTION, about: 'A token or a GitHub App; for Git too.', example: '{}' },
  {
    path: `${FORGE}.auth.token`,
    type: SECTION,
    default: null,
    about: 'Where the token is: one of `env`, `file`, `secretRef`.',
    example: '{env: GITHUB_TOKEN}',
    secret: true,
  },
  {
    path: `${FORGE}.auth.token.env`,
    type: text(ENV_NAME),
    default: null,
    about: 'An environment variable.',
    example: 'GITHUB_TOKEN',
    secret: true,
  },
  {
    path: `${FORGE}.auth.token.file`,
    type: text(FULL_PATH),
    default: null,
    about: 'A file, read anew at each use.',
    example: '/etc/gitops-reloader/secrets/github/token',
    secret: true,
  },
  {
    path: `${FORGE}.auth.token.secretRef`,
    type: SECTION,
    default: null,
    about: 'A mounted secret.',
    example: '{name: github, key: token}',
  },
  {
    path: `${FORGE}.auth.token.secretRef.(name|key)`,
    type: text(SECRET_FILE),
    about: 'The file is `<secretsDir>/<name>/<key>`.',
    example: 'github',
    secret: true,
  },
  { path: `${FORGE}.auth.app`, type: SECTION, default: null, about: 'A GitHub App.', example: '{}' },
  { path: `${FORGE}.auth.app.id`, type: text(DIGITS), about: "The App's id.", example: '1234' },
  {
    path: `${FORGE}.auth.app.installationId`,
    type: text(DIGITS),
    default: null,
    about: 'Left out: found by the repository.',
    example: '5678',
  },
  {
    path: `${FORGE}.auth.app.privateKeyFile`,
    type: text(FULL_PATH),
    about: "The App's private key (PEM).",
    example: '/etc/gitops-reloader/secrets/github/key.pem',
    secret: true,
  },
  { path: BRANCHES, type: SECTIONS, about: 'The base branches.', example: '[{base: main}]' },
  { path: `${BRANCHES}[].base`, type: text(BRANCH), about: "The branch's short name.", example: 'main' },
  {
    path: `${BRANCHES}[].paths`,
    type: texts(GLOB),
    default: [],
    about: 'Only files that match one of these; empty: all. `*` and `?` within a segment, `**` across.',
    example: '["clusters/**"]',
  },
  {
    path: `${BRANCHES}[].exclude`,
    type: texts(GLOB),
    default: [],
    about: 'Files that are left alone.',
    example: '["**/charts/**"]',
  },
  {
    path: `${BRANCHES}[].order`,
    type: choice(ORDERS),
    default: 'staged',
    about:
      '`staged`: refresh first and announce the restarts, which a pull request of its own then makes. `gated`: one commit, where waves or `dependsOn` and a health check make the restart wait for the refresh; the others as `staged`. `refreshOnly`: never restart. `together`: one commit, with the race that this means. Destinations that name only ExternalSecret always mean `refreshOnly`.',
    example: 'staged',
  },
  {
    path: `${BRANCHES}[].pin`,
    type: choice(PINS),
    default: 'none',
    about:
      '`version`: each bump also writes `remoteRef.version: uuid/<VersionId>`, so that merging it is what lets the version in and reverting it brings the one before back. `name`: the Secret and what uses it are renamed in the same commit too. See [docs/pins.md](docs/pins.md).',
    example: 'version',
  },
  {
    path: `${BRANCHES}[].kustomize`,
    type: choice(KUSTOMIZE_MODES),
    default: 'base',
    about:
      'A manifest that several overlays include. `base`: it is edited itself where it means the same secrets in all of them, else each overlay gets a patch file. `overlay`: always a patch file for each overlay. `skip`: left alone.',
    example: 'base',
  },
  {
    path: `${BRANCHES}[].settle`,
    type: duration(0),
    default: '6m',
    about: 'Under `staged`: how long after its merge a refresh counts as applied, so that the restarts are proposed.',
    example: '6m',
  },
  ...EVIDENCE_KEYS,
  ...BRANCH_GROUPING_KEYS,
  ...BRANCH_OPENING_KEYS,
  ...MERGE_KEYS,
  {
    path: STORES,
    type: SECTIONS,
    default: null,
    about: 'Which account and region a store stands for, whatever its manifest says or leaves open.',
    example: '[{kind: ClusterSecretStore, name: aws-prod, account: "111122223333", region: eu-west-1}]',
  },
  { path: `${STORES}[].kind`, type: choice(STORE_KINDS), about: "The store's kind.", example: 'ClusterSecretStore' },
  { path: `${STORES}[].name`, type: text(OBJECT_NAME), about: "The store's name.", example: 'aws-prod' },
  {
    path: `${STORES}[].namespace`,
    type: text(OBJECT_NAME),
    default: null,
    about: 'For a SecretStore; left out: in every namespace that has no binding of its own.',
    example: 'payments',
  },
  { path: `${STORES}[].account`, type: text(ACCOUNT), about: 'The account, in quotes.', example: '"111122223333"' },
  { path: `${STORES}[].region`, type: text(REGION), about: 'The region.', example: 'eu-west-1' },
  {
    path: PATHS,
    type: SECTIONS,
    default: null,
    about:
      'Which account and region files stand for, where neither key nor store says it; the first that matches decides.',
    example: '[{path: "clusters/prod/**", account: "111122223333", region: eu-west-1}]',
  },
  {
    path: `${PATHS}[].path`,
    type: text(GLOB),
    about: 'A pattern as in `branches[].paths`.',
    example: '"clusters/prod/**"',
  },
  { path: `${PATHS}[].account`, type: text(ACCOUNT), about: 'The account, in quotes.', example: '"111122223333"' },
  { path: `${PATHS}[].region`, type: text(REGION), about: 'The region.', example: 'eu-west-1' },
  {
    path: `${LIST}[].unknownStore`,
    type: choice(UNKNOWN_STORES),
    default: 'match',
    about:
      'A store that is neither in the repository nor in `stores`: `match` takes it for what `paths` says, else for the only allowed place; `ignore` for none of ours.',
    example: 'match',
  },
  ...GROUPING_KEYS,
  {
    path: `${LIST}[].branchPrefix`,
    type: text(BRANCH),
    default: 'gitops-reloader',
    about: 'Own branches are `<branchPrefix>/<instance>/…`.',
    example: 'gitops-reloader',
  },
  ...MAPPING_KEYS,
  ...RESTART_KEYS,
  { path: PULL, type: SECTION, default: null, about: 'What pull requests carry.', example: '{draft: true}' },
  {
    path: `${PULL}.(labels|assignees|reviewers|teamReviewers)`,
    type: texts(NON_EMPTY),
    default: [],
    about: 'Set when it is opened; best effort.',
    example: '[rotation]',
  },
  { path: `${PULL}.draft`, type: FLAG, default: false, about: 'Opens drafts.', example: 'true' },
  {
    path: `${PULL}.rebaseWhen`,
    type: choice(REBASE_WHEN),
    default: 'conflicted',
    about:
      'When a branch of the same content is made anew on the base: `conflicted`, `behind` (after every commit) or `never`.',
    example: 'behind',
  },
  ...PULL_REQUEST_WORDS,
  ...OPENING_KEYS,
  ...COMMIT_KEYS,
  ...PUSH_KEYS,
];
