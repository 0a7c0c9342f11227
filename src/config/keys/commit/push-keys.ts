import { PUSH_OPTION } from '../forms.ts';
import { type KeyRow, SECTION, texts } from '../key.ts';

const GIT = 'spec.repositories[].git';

/** Keys of `spec.repositories[].git`: what is told to the Git host beside a push. */
export const PUSH_KEYS: readonly KeyRow[] = [
  { path: GIT, type: SECTION, default: null, about: 'How this Git host is spoken to.', example: '{}' },
  {
    path: `${GIT}.pushOptions`,
    type: texts(PUSH_OPTION),
    default: [],
    about:
      "Goes along with every push, as `git push -o` sends it, for the host's pipelines and hooks; at most 16. A host that takes none is pushed to without, which is said once in the log.",
    example: '[ci.skip]',
  },
];
