import type { Ref, Snapshot, SnapshotContent, Workspace } from '../../../src/ports.ts';

/** A host that sends trees alone where it is asked to: a blob is only there once it was asked for. `read`: blobs as they were read. */
export function treesAlone(workspace: Workspace) {
  const requests: string[] = [];
  const read: string[] = [];
  const snapshot = async (ref: Ref, signal: AbortSignal, content: SnapshotContent = 'files'): Promise<Snapshot> => {
    requests.push(content);
    const whole = await workspace.snapshot(ref, signal);
    const readWhole: Snapshot['read'] = (oid) => {
      read.push(oid);
      return whole.read(oid);
    };
    if (content === 'files') return { ...whole, read: readWhole };
    const here = new Set<string>();
    return {
      ...whole,
      read: async (oid) => {
        if (!here.has(oid)) requests.push(oid);
        return readWhole(oid);
      },
      prefetch: async (oids) => {
        requests.push(`${oids.length} blobs`);
        for (const oid of oids) here.add(oid);
      },
    };
  };
  return { ...workspace, snapshot, requests, read };
}
