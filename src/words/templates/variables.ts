/** What a template may name. `list` and `group` have properties of their own, by name. */
export interface Variable {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'list' | 'group';
  readonly about: string;
  readonly properties?: readonly string[];
  /** Only a body may hold it. */
  readonly place?: 'body';
}

const PLACED = ['kind', 'namespace', 'name', 'path'];

/** The parts of our own body, in its order. */
const SECTION_NAMES = [
  'opening',
  'part',
  'rotated',
  'changes',
  'restarts',
  'notes',
  'skipped',
  'approval',
  'owners',
  'drops',
  'diagram',
  'rollback',
] as const;

/** Every variable there is: a closed list, the same in each template. docs/templates.md shows it. */
export const VARIABLES: readonly Variable[] = [
  { name: 'subject', kind: 'text', about: 'Our own subject: a line of at most 72 characters.' },
  { name: 'stage', kind: 'number', about: '1: ExternalSecrets are refreshed. 2: workloads restart.' },
  { name: 'order', kind: 'text', about: '`staged`, `gated`, `refreshOnly` or `together`.' },
  { name: 'noun', kind: 'text', about: '`secret`, or `parameter` where all of them are.' },
  { name: 'instance', kind: 'text', about: 'As in `metadata.name`.' },
  { name: 'repository', kind: 'text', about: '`<repository>@<base>`, as in logs.' },
  { name: 'base', kind: 'text', about: 'The base branch.' },
  { name: 'branch', kind: 'text', about: 'The own branch.' },
  { name: 'group', kind: 'text', about: 'What the pull request is for: a secret, or the name of a group.' },
  {
    name: 'part',
    kind: 'text',
    about: 'The part of the group, such as `cluster=prod`; nothing where groups are not split.',
  },
  { name: 'settle', kind: 'text', about: 'How long a refresh settles, such as `6 minutes`.' },
  {
    name: 'counts',
    kind: 'group',
    about: 'Numbers of everything, however few of them the lists below hold.',
    properties: ['secrets', 'objects', 'files', 'workloads', 'skipped', 'owners'],
  },
  {
    name: 'secrets',
    kind: 'list',
    about: 'What rotated; empty in stage two.',
    properties: ['name', 'version'],
  },
  {
    name: 'objects',
    kind: 'list',
    about: 'What changes.',
    properties: [...PLACED, 'line', 'annotation', 'reason'],
  },
  { name: 'workloads', kind: 'list', about: 'What restarts, now or later, each once.', properties: PLACED },
  {
    name: 'skipped',
    kind: 'list',
    about: 'What is left alone.',
    properties: [...PLACED, 'code', 'reason', 'hint'],
  },
  {
    name: 'owners',
    kind: 'list',
    about: 'The sets of code owners of whom one each has to approve, such as `@acme/payments @ana`.',
  },
  {
    name: 'drops',
    kind: 'list',
    about:
      'Secrets whose next scheduled rotation takes away the version that pods still use, and when it is at the latest.',
    properties: ['secret', 'time'],
  },
  { name: 'events', kind: 'list', about: 'The events that asked for it.', properties: ['id', 'name', 'time'] },
  { name: 'refreshes', kind: 'list', about: 'In stage two: numbers of the pull requests that refreshed.' },
  {
    name: 'statuses',
    kind: 'list',
    about: 'In stage two: the statuses and checks that say that it was applied.',
    properties: ['context', 'commit', 'time'],
  },
  {
    name: 'sections',
    kind: 'group',
    about: 'The parts of our own body, as Markdown; nothing where one has nothing to say.',
    properties: SECTION_NAMES,
    place: 'body',
  },
];

/** What a loop knows of itself. */
export const LOOP_NAMES = ['index', 'index0', 'rindex', 'rindex0', 'first', 'last', 'length'] as const;

/** What each list and each text has besides. */
export const COMMON_NAMES = ['size', 'first', 'last'] as const;
