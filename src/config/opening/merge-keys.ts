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
      "[Who merges](docs/operating.md#who-merges). Whatever is chosen, some is left to people: drafts, what waits for a confirmation, what holds a person's commit, and restarts of stage two whose refresh is known by time alone.",
    example: '{mode: auto}',
  },
  {
    path: `${MERGE}.mode`,
    type: choice(MERGE_MODES),
    default: 'none',
    about:
      '`none`: people. `auto`: GitHub, as soon as its rules are met (auto-merge, or the merge queue); switched on inside the windows. `bot`: this process, inside the windows, when reviews, checks and rules allow it. Where the base asks for neither review nor check, both merge at once.',
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
    about: 'How long a pull request has shown its present version before it is merged without a person.',
    example: '1h',
  },
];
