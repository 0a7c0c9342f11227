import { GLOB, STATUS_NAME } from '../keys/forms.ts';
import { duration, type KeyRow, SECTION, SECTIONS, texts } from '../keys/key.ts';

const EVIDENCE = 'spec.repositories[].branches[].evidence';
const STATUSES = `${EVIDENCE}.statuses`;

/** Of a base branch: what says that a refresh was applied. */
export const EVIDENCE_KEYS: readonly KeyRow[] = [
  {
    path: EVIDENCE,
    type: SECTION,
    default: null,
    about:
      '[What says that a refresh was applied](docs/operating.md#let-statuses-say-that-a-refresh-was-applied), so that its restarts are proposed. Left out: time (`settle`).',
    example: '{statuses: [{paths: ["clusters/eu/**"], contexts: [continuous-delivery/eu]}]}',
  },
  {
    path: STATUSES,
    type: SECTIONS,
    default: null,
    about:
      'Commit statuses and checks on the base branch. Every entry that fits the path of an ExternalSecret has to be fulfilled; where none does, `settle` decides. At most 100.',
    example: '[{paths: ["clusters/eu/**"], contexts: [continuous-delivery/eu]}]',
  },
  {
    path: `${STATUSES}[].paths`,
    type: texts(GLOB),
    default: [],
    about: 'Patterns as in `branches[].paths`; empty: all.',
    example: '["clusters/eu/**"]',
  },
  {
    path: `${STATUSES}[].contexts`,
    type: texts(STATUS_NAME),
    about:
      'The names of statuses (their context) and of checks, or patterns on them (`*` and `?` up to the next slash, `**` across). Of each one at least is there, and all that fit succeeded. At most 20.',
    example: '["kustomization/apps/*"]',
  },
  {
    path: `${EVIDENCE}.delay`,
    type: duration(0),
    default: '60s',
    about:
      'How long after the last of them a refresh counts as done: they say that it was applied, not that the value was fetched.',
    example: '2m',
  },
];
