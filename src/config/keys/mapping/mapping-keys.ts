import { WORKLOAD_KINDS } from '../../../domain/policy.ts';
import { ACCOUNT, NON_EMPTY, OBJECT_NAME, REGION } from '../forms.ts';
import { choice, type KeyRow, LABELS, SECTIONS, text } from '../key.ts';

const MAPPINGS = 'spec.repositories[].mappings';
const WORKLOADS = `${MAPPINGS}[].workloads`;

/** Keys of `spec.repositories[].mappings`: secrets that restart workloads without any manifest's saying so. */
export const MAPPING_KEYS: readonly KeyRow[] = [
  {
    path: MAPPINGS,
    type: SECTIONS,
    default: null,
    about: 'Secrets that workloads read themselves: when one changes, they are restarted.',
    example: '[{secret: prod/db, workloads: [{kind: Deployment, namespace: payments, name: api}]}]',
  },
  {
    path: `${MAPPINGS}[].secret`,
    type: text(NON_EMPTY),
    about: 'The name or ARN of a secret; of a parameter its ARN.',
    example: 'prod/db',
  },
  {
    path: `${MAPPINGS}[].account`,
    type: text(ACCOUNT),
    default: null,
    about: 'The account, in quotes; left out: what the ARN says, else the only one allowed.',
    example: '"111122223333"',
  },
  {
    path: `${MAPPINGS}[].region`,
    type: text(REGION),
    default: null,
    about: 'The region, likewise.',
    example: 'eu-west-1',
  },
  {
    path: WORKLOADS,
    type: SECTIONS,
    about: 'What is restarted.',
    example: '[{kind: Deployment, namespace: payments, name: api}]',
  },
  { path: `${WORKLOADS}[].kind`, type: choice(WORKLOAD_KINDS), about: 'The kind.', example: 'Deployment' },
  {
    path: `${WORKLOADS}[].namespace`,
    type: text(OBJECT_NAME),
    about: 'Its namespace. A workload whose namespace nothing tells counts as being there.',
    example: 'payments',
  },
  {
    path: `${WORKLOADS}[].name`,
    type: text(OBJECT_NAME),
    default: null,
    about: 'Its name; this, `labels`, or both.',
    example: 'api',
  },
  {
    path: `${WORKLOADS}[].labels`,
    type: LABELS,
    default: null,
    about: 'Labels that it has: all workloads of the kind in the namespace that have them.',
    example: '{app: api}',
  },
];
