import { describeDenials } from './git-denials.ts';
import { DIRECT } from './git-world.ts';

describeDenials(...DIRECT);
