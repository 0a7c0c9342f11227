import { describeOddTrees } from '../git-odd-trees.ts';
import { ISOMORPHIC } from '../git-world.ts';

describeOddTrees(...ISOMORPHIC);
