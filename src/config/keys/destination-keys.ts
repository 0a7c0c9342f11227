import type { Destination } from '../../domain/policy.ts';
import { LABEL_KEY, NON_EMPTY, OBJECT_NAME } from './forms.ts';
import { choice, type KeyRow, LABELS, SECTION, SECTIONS, text, texts } from './key.ts';

/** What may be touched, and the name of the block that selects objects of that kind. */
export const DESTINATIONS = {
  ExternalSecret: 'externalSecret',
  Deployment: 'deployment',
  StatefulSet: 'statefulSet',
  DaemonSet: 'daemonSet',
  Rollout: 'rollout',
} as const satisfies Record<Destination['kind'], string>;

export const WATCHED = ['ExternalSecret', 'Deployment', 'StatefulSet', 'DaemonSet', 'Rollout'] as const;
export const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

const LIST = 'spec.destinationsToWatch';
const BLOCK = `${LIST}[].(${Object.values(DESTINATIONS).join('|')})`;
const SELECTOR = `${BLOCK}.labelSelectors`;

/** Keys of a Kubernetes label selector. */
export function selectorKeys(selector: string): readonly KeyRow[] {
  return [
    {
      path: `${selector}.matchLabels`,
      type: LABELS,
      default: null,
      about: 'Labels that an object must have.',
      example: '{team: payments}',
    },
    {
      path: `${selector}.matchExpressions`,
      type: SECTIONS,
      default: null,
      about: 'Further conditions, all of which must hold.',
      example: '[{key: tier, operator: In, values: [backend]}]',
    },
    {
      path: `${selector}.matchExpressions[].key`,
      type: text(LABEL_KEY),
      about: 'The label.',
      example: 'tier',
    },
    {
      path: `${selector}.matchExpressions[].operator`,
      type: choice(OPERATORS),
      about: 'What must hold for it.',
      example: 'In',
    },
    {
      path: `${selector}.matchExpressions[].values`,
      type: texts(NON_EMPTY),
      default: [],
      about: 'For `In` and `NotIn`.',
      example: '[backend]',
    },
  ];
}

/** Keys of `spec.destinationsToWatch`: what may be touched. */
export const DESTINATION_KEYS: readonly KeyRow[] = [
  {
    path: LIST,
    type: SECTIONS,
    default: null,
    about: 'What may be touched; left out: every ExternalSecret, Deployment, StatefulSet, DaemonSet and Rollout.',
    example: '[{type: ExternalSecret}, {type: Deployment}]',
  },
  {
    path: `${LIST}[].type`,
    type: choice(WATCHED),
    about: 'The kind. Several entries of one kind add up.',
    example: 'ExternalSecret',
  },
  { path: BLOCK, type: SECTION, default: null, about: 'Which objects of the kind; left out: all.', example: '{}' },
  {
    path: `${BLOCK}.names`,
    type: texts(OBJECT_NAME),
    default: [],
    about: 'Only objects of these names; empty: any.',
    example: '[payments-db]',
  },
  {
    path: `${BLOCK}.namespaces`,
    type: texts(OBJECT_NAME),
    default: [],
    about: 'Only objects in these namespaces; empty: any.',
    example: '[payments]',
  },
  {
    path: `${BLOCK}.namespaceSelectors`,
    type: SECTIONS,
    default: null,
    about: 'Namespace labels are not in the manifests: list the names under `namespaces`.',
    example: '[]',
    support: 'refused',
  },
  {
    path: SELECTOR,
    type: SECTION,
    default: null,
    about: 'A Kubernetes label selector.',
    example: '{matchLabels: {team: payments}}',
  },
  ...selectorKeys(SELECTOR),
];
