import { ISOMORPHIC } from '../git-world.ts';
import { describeHostileAnswers } from './hostile-answers.ts';

describeHostileAnswers(ISOMORPHIC);
