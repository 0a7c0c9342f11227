import { createIsomorphicWorkspace } from '../../../../src/adapters/git/isomorphic/isomorphic-workspace.ts';
import { describeHosted } from '../hosted-contract.ts';

await describeHosted('isomorphic workspace', (options) => createIsomorphicWorkspace({ cacheDir: null, ...options }));
