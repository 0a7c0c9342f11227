import { behindProxy, refusedByProxy } from './proxy.ts';

behindProxy('isomorphic');
refusedByProxy('direct');
refusedByProxy('isomorphic');
