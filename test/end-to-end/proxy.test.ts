import { behindProxy } from './proxy.ts';

behindProxy('direct');
