import { describeDenials } from '../git-denials.ts';
import { ISOMORPHIC } from '../git-world.ts';

describeDenials(...ISOMORPHIC);
