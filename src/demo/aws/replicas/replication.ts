import type { Replica } from '../../../domain/described/described-secret.ts';
import type { SecretsRegion, StoredSecret } from '../secrets-world.ts';

/** What is done to the copies of one region's secrets in others. */
export interface ReplicationControls {
  /** Copies a secret to another region, where it follows every change at once; ends a {@link holdReplica}. */
  replicate(name: string, to: string): void;
  /** From now on the copy stays as it is, with this status. */
  holdReplica(name: string, to: string, status: 'InProgress' | 'Failed'): void;
  /** There is no longer a copy. */
  removeReplica(name: string, to: string): void;
}

/** What the server asks about the copies of all accounts and regions. */
export interface Replication {
  controls(account: string, region: string): ReplicationControls;
  /** Brings every copy up to its primary, but those that are held. */
  sync(): void;
  /** What an answer says of the copies of a secret, and of where it is written. */
  onWire(account: string, region: string, name: string): ReplicationOnWire;
}

interface ReplicationOnWire {
  readonly PrimaryRegion?: string;
  readonly ReplicationStatus?: readonly { readonly Region: string; readonly Status: Replica['status'] }[];
}

interface Copy {
  readonly account: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly status: Replica['status'];
}

/** No copies at first. `regionOf` gives the secrets of a place. */
export function createReplication(regionOf: (account: string, region: string) => SecretsRegion): Replication {
  const copies = new Map<string, Copy>();
  const sync = (): void => {
    for (const { account, name, from, to, status } of copies.values()) {
      const primary = status === 'InSync' ? regionOf(account, from).find(name) : null;
      if (primary !== null) regionOf(account, to).store(copied(primary, from, to));
    }
  };
  return {
    sync,
    controls: (account, from) => {
      const key = (name: string, to: string) => `${account} ${from} ${to} ${name}`;
      const set = (name: string, to: string, status: Replica['status']) => {
        copies.set(key(name, to), { account, name, from, to, status });
        sync();
      };
      return {
        replicate: (name, to) => set(name, to, 'InSync'),
        holdReplica: (name, to, status) => {
          sync();
          set(name, to, status);
        },
        removeReplica: (name, to) => {
          copies.delete(key(name, to));
          regionOf(account, to).remove(name);
        },
      };
    },
    onWire: (account, region, name) => {
      const ours = [...copies.values()].filter((one) => one.account === account && one.name === name);
      const status = ours.filter(({ from }) => from === region).map((one) => ({ Region: one.to, Status: one.status }));
      if (status.length > 0) return { PrimaryRegion: region, ReplicationStatus: status };
      const primary = ours.find(({ to }) => to === region);
      return primary === undefined ? {} : { PrimaryRegion: primary.from };
    },
  };
}

/** The same secret, but for the region in its ARN. */
function copied(primary: StoredSecret, from: string, to: string): StoredSecret {
  return { ...primary, arn: primary.arn.replace(`:${from}:`, `:${to}:`) };
}
