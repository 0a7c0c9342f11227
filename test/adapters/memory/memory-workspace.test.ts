import { createMemoryWorkspace } from '../../../src/adapters/memory/memory-workspace.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { describeWorkspace, FILES } from '../../contracts/workspace.ts';

describeWorkspace('memory workspace', async () => {
  const memory = createMemoryWorkspace(FILES);
  const broken = new Failure('down', { code: 'git-unreachable', retry: 'later', hint: 'wait' });
  return {
    workspace: memory,
    another: async () => memory,
    tip: async (ref) => memory.tip(ref),
    fileAt: async (ref, path) => memory.fileAt(ref, path),
    commitTo: async (ref, files, message) => memory.commitTo(ref, files, message),
    moveRef: async (ref, oid) => memory.moveRef(ref, oid),
    refuse: async (ref, reason) => memory.refuse(ref, reason),
    loseAnswer: () => memory.loseAnswer(),
    race: (act) => memory.race(() => void act()),
    breakNext: () => memory.failNext(broken),
    verify: async () => undefined,
    close: async () => undefined,
  };
});
