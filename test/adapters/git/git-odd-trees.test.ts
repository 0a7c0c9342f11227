import { describeOddTrees } from './git-odd-trees.ts';
import { DIRECT } from './git-world.ts';

describeOddTrees(...DIRECT);
