import type { Ref, Snapshot, SnapshotContent, Workspace } from '../../../src/ports.ts';

/** A host that sends trees alone where it is asked to: a blob is only there once it was asked for. */
export function treesAlone(workspace: Workspace) {
  const requests: string[] = [];
  const snapshot = async (ref: Ref, signal: AbortSignal, content: SnapshotContent = 'files'): Promise<Snapshot> => {
    requests.push(content);
    const whole = await workspace.snapshot(ref, signal);
    if (content === 'files') return whole;
    const here = new Set<string>();
    return {
      ...whole,
      read: async (oid) => {
        if (!here.has(oid)) requests.push(oid);
        return whole.read(oid);
      },
      prefetch: async (oids) => {
        requests.push(`${oids.length} blobs`);
        for (const oid of oids) here.add(oid);
      },
    };
  };
  return { ...workspace, snapshot, requests };
}
