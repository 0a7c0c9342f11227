import { createMemoryWorkspace } from '../../../src/adapters/memory/memory-workspace.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { describeWorkspace, FILES, type WorkspaceWorld } from '../../contracts/workspace.ts';

async function open(hostLogin: string | null): Promise<WorkspaceWorld> {
  const memory = createMemoryWorkspace(FILES, hostLogin);
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
}

describeWorkspace('memory workspace', () => open(null));
describeWorkspace('memory workspace, commits by its host', () => open('acme-gitops[bot]'), {
  author: { name: 'acme-gitops[bot]', email: '4242+acme-gitops[bot]@users.noreply.github.com' },
  committer: { name: 'GitHub', email: 'noreply@github.com' },
  again: 'new',
});
