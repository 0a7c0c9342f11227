import type { Clock, Forge, Inbox, InboxMessage, SecretVersions, Snapshot, Workspace } from '../../src/ports.ts';

/** The same call is met twice: before it has its effect, and after the effect but before its answer. */
export type Moment = 'before' | 'after';

/** What may happen around a port call of one process; a gate that never resolves is the death of the process. */
export type Gate = (call: string, moment: Moment) => Promise<void>;

export interface Ports {
  readonly workspace: Workspace;
  readonly forge: Forge;
  readonly secretVersions: SecretVersions | null;
  readonly inbox: Inbox;
  readonly clock: Clock;
}

/** The ports as one process has them: every call passes `gate`. Sleeping is a call too, but only the dead notice. */
export function gatedPorts(ports: Ports, gate: Gate, isDead: () => boolean): Ports {
  const { workspace, forge, secretVersions, inbox, clock } = ports;
  const call = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
    await gate(name, 'before');
    const result = await act();
    await gate(name, 'after');
    return result;
  };
  const snapshotOf = (snapshot: Snapshot): Snapshot => ({
    ...snapshot,
    read: (oid) => call('read blob', () => snapshot.read(oid)),
  });
  const messageOf = (message: InboxMessage): InboxMessage => ({
    ...message,
    ack: () => call('ack', () => message.ack()),
    extend: (seconds) => call('extend', () => message.extend(seconds)),
    release: (seconds) => call('release', () => message.release(seconds)),
  });
  return {
    workspace: {
      refs: (prefixes, signal) => call('refs', () => workspace.refs(prefixes, signal)),
      snapshot: (ref, signal, content) =>
        call('snapshot', async () => snapshotOf(await workspace.snapshot(ref, signal, content))),
      commit: (ref, signal) => call('commit', () => workspace.commit(ref, signal)),
      publish: (update, signal) => call('publish', () => workspace.publish(update, signal)),
      publishAll: (updates, signal) => call('publish all', () => workspace.publishAll(updates, signal)),
    },
    forge: {
      list: (branch, base, signal) => call('list', () => forge.list(branch, base, signal)),
      open: (draft, signal) => call('open', () => forge.open(draft, signal)),
      update: (pull, draft, signal) => call('update', () => forge.update(pull, draft, signal)),
      read: (number, signal) => call('read', () => forge.read(number, signal)),
      close: (number, comment, signal) => call('close', () => forge.close(number, comment, signal)),
      remark: (number, remark, signal) => call('remark', () => forge.remark(number, remark, signal)),
      recent: (folder, signal) => call('recent', () => forge.recent(folder, signal)),
      unsettled: (folder, signal) => call('unsettled', () => forge.unsettled(folder, signal)),
      mergeFacts: (number, signal) => call('merge facts', () => forge.mergeFacts(number, signal)),
      autoMerge: (number, wish, signal) => call('auto-merge', () => forge.autoMerge(number, wish, signal)),
      merge: (number, wish, signal) => call('merge', () => forge.merge(number, wish, signal)),
      dismissApprovals: (number, how, signal) => call('dismiss', () => forge.dismissApprovals(number, how, signal)),
      delivered: (head, signal) => call('delivered', () => forge.delivered(head, signal)),
    },
    secretVersions:
      secretVersions === null
        ? null
        : {
            describe: (ref, signal) => call('describe', () => secretVersions.describe(ref, signal)),
            list: (place, filter, signal) => call('list secrets', () => secretVersions.list(place, filter, signal)),
            listParameters: (place, signal) =>
              call('list parameters', () => secretVersions.listParameters(place, signal)),
          },
    inbox: {
      name: inbox.name,
      waiting: (signal) => call('waiting', () => inbox.waiting(signal)),
      receive: (signal, seconds) =>
        call('receive', async () => (await inbox.receive(signal, seconds)).map((message) => messageOf(message))),
    },
    clock: {
      now: () => clock.now(),
      sleep: async (milliseconds, signal) => {
        if (isDead()) await forever();
        await clock.sleep(milliseconds, signal);
        if (isDead()) await forever();
      },
    },
  };
}

/** What a process that has died waits for. */
export function forever(): Promise<never> {
  return new Promise(() => undefined);
}
