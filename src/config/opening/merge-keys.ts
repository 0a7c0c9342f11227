import { MERGE_METHODS, MERGE_MODES } from '../../domain/life/merge-policy.ts';
import { choice, duration, type KeyRow, SECTION } from '../keys/key.ts';

/** What can be written; `any` leaves it to the repository. */
export const CHOSEN_METHODS = ['any', ...MERGE_METHODS] as const;

const MERGE = 'spec.repositories[].branches[].merge';

/** Of a base branch: who merges into it. */
export const MERGE_KEYS: readonly KeyRow[] = [
  {
    path: MERGE,
    type: SECTION,
    default: null,
    about:
      "Who merges. Whatever is chosen, nothing is merged without a person that holds a person's commit, that waits for a confirmation, that is a draft, or that restarts workloads by settle time alone.",
    example: '{mode: auto}',
  },
  {
    path: `${MERGE}.mode`,
    type: choice(MERGE_MODES),
    default: 'none',
    about:
      '`none`: people. `auto`: GitHub, as soon as its rules are met (auto-merge, or the merge queue). `bot`: this process, when reviews, checks and rules allow it, and inside the windows alone.',
    example: 'auto',
  },
  {
    path: `${MERGE}.method`,
    type: choice(CHOSEN_METHODS),
    default: 'any',
    about: '`any`: the first that the repository allows of squash, merge and rebase.',
    example: 'squash',
  },
  {
    path: `${MERGE}.minimumAge`,
    type: duration(0),
    default: '0s',
    about: 'How long a pull request stays open before it is merged without a person.',
    example: '1h',
  },
];
