import { whyNoCaptures } from '../../../domain/grouping/path-pattern.ts';
import { type Form, GLOB, SLUG } from '../forms.ts';
import { choice, type KeyRow, SECTION, SECTIONS, text, texts, textsOrOne } from '../key.ts';

const LIST = 'spec.repositories';
const GROUPS = `${LIST}[].groups`;

export const GROUPINGS = ['secret'] as const;

/** A pattern on paths that captures what tells the parts of a group apart. */
const PATH_PATTERN: Form = {
  says: 'a path pattern with captures such as clusters/{cluster}/**',
  refuse: refusePattern,
};

/** A glob on names of secrets: they may begin with a slash. */
const NAME_GLOB: Form = { says: 'a pattern on names of secrets such as prod/payments/*', refuse: refuseNameGlob };

function refusePattern(pattern: string): string | null {
  return whyNoCaptures(pattern) ?? GLOB.refuse(pattern.replaceAll(/[{}]/g, ''));
}

function refuseNameGlob(glob: string): string | null {
  if (/[\^$|()]/.test(glob)) return 'only *, ? and ** are understood, on the whole name';
  return GLOB.refuse(glob.replace(/^\//, ''));
}

const BY = {
  type: choice(GROUPINGS),
  default: 'secret',
  about: 'Each secret its own; secrets that meet in one ExternalSecret together.',
  example: 'secret',
} as const;

const PATH = { type: textsOrOne(PATH_PATTERN), default: [], example: '"clusters/{cluster}/**"' } as const;

/** Keys of a branch's own `group`. */
export const BRANCH_GROUPING_KEYS: readonly KeyRow[] = [
  {
    path: `${LIST}[].branches[].group`,
    type: SECTION,
    default: null,
    about: "Instead of the repository's `group`.",
    example: '{path: "clusters/{cluster}/**"}',
  },
  { path: `${LIST}[].branches[].group.by`, ...BY },
  { path: `${LIST}[].branches[].group.path`, ...PATH, about: 'As in `group.path`.' },
];

/** Keys that say what goes into one pull request. */
export const GROUPING_KEYS: readonly KeyRow[] = [
  { path: `${LIST}[].group`, type: SECTION, default: null, about: 'What goes into one pull request.', example: '{}' },
  { path: `${LIST}[].group.by`, ...BY },
  {
    path: `${LIST}[].group.path`,
    ...PATH,
    about:
      'Splits every group: each combination of what the braces capture of the path that is edited has its own branch and pull request. A capture is a segment, or what stands between letters of one; of several patterns the first that matches decides, and what none matches stays together.',
  },
  {
    path: GROUPS,
    type: SECTIONS,
    default: null,
    about:
      'Groups by name: what an entry fits shares one branch and one pull request, in each part. The first that fits decides; `gitops-reloader.dev/group` on an object goes before all.',
    example: '[{name: payments, secrets: ["prod/payments/*"]}]',
  },
  { path: `${GROUPS}[].name`, type: text(SLUG), about: 'Part of the branch name.', example: 'payments' },
  {
    path: `${GROUPS}[].secrets`,
    type: texts(NAME_GLOB),
    default: [],
    about: 'What follows a secret with such a name: `*` and `?` within a segment, `**` across.',
    example: '["prod/payments/*"]',
  },
  {
    path: `${GROUPS}[].paths`,
    type: texts(GLOB),
    default: [],
    about: 'What is edited in such a file.',
    example: '["apps/payments/**"]',
  },
];
