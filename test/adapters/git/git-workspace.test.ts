import { createGitWorkspace } from '../../../src/adapters/git/git-workspace.ts';
import { describeHosted } from './hosted-contract.ts';

await describeHosted('git workspace', createGitWorkspace);
