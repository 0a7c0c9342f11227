import type { SecretChange } from '../src/domain/change.ts';
import { fullArnSuffix, readWrittenSecret, type SecretRef } from '../src/domain/secret-id.ts';
import type { SecretAnswer, SecretVersions } from '../src/ports.ts';
import { changesOf } from '../src/service/report/describe-events.ts';

/** What AWS says of a secret, by its name, instead of what follows from the event. */
export type GoldenAws = Readonly<Record<string, Readonly<Record<string, string>> | 'absent' | 'denied' | 'deleted'>>;

const SETTLED = '0a1b2c3d-1111-4111-8111-000000000001';

/** AWS after the event: what the event moved is where it says, everything else has not moved for long. */
export function goldenVersions(event: string | null, aws: GoldenAws, now: number): SecretVersions {
  const moved = event === null ? [] : changesOf(event, now).map(({ change }) => change);
  return {
    describe: async (ref) => {
      const names = readWrittenSecret(ref.id)?.names ?? [ref.id];
      const said = names.map((name) => aws[name]).find((one) => one !== undefined);
      if (said === 'absent' || said === 'denied') return { kind: said };
      const change = moved.find((one) => isAbout(one, ref, names)) ?? null;
      if (isRecreated(ref.id, change)) return { kind: 'absent' };
      return found(ref, { name: change?.names[0] ?? names.at(-1) ?? ref.id, change, said, now });
    },
    list: async ({ account, region }) => {
      const here = moved.filter((one) => one.account === account && one.region === region);
      const names = new Set([...Object.keys(aws), ...here.map(({ names: [name = ''] }) => name)]);
      const secrets = [...names]
        .filter((name) => aws[name] !== 'absent')
        .map((name) => ({ name, suffix: null, deleted: aws[name] === 'deleted', ...NOTHING_ELSE }));
      return { kind: 'listed', secrets, seenAt: now };
    },
    listParameters: async () => ({ kind: 'listed', secrets: [], seenAt: now }),
  };
}

const NOTHING_ELSE = { tags: new Map<string, string>(), versions: new Map<string, string>() };

function isAbout(change: SecretChange, { account, region }: SecretRef, names: readonly string[]): boolean {
  return change.account === account && change.region === region && names.includes(change.names[0] ?? '');
}

/** True for the ARN of an earlier secret of the same name. */
function isRecreated(id: string, change: SecretChange | null): boolean {
  const [written, real] = [fullArnSuffix(id), fullArnSuffix(change?.id ?? '')];
  return written !== null && real !== null && written !== real;
}

interface Known {
  readonly name: string;
  readonly change: SecretChange | null;
  readonly said: GoldenAws[string] | undefined;
  readonly now: number;
}

function found({ account, region, id }: SecretRef, { name, change, said, now }: Known): SecretAnswer {
  const versions = new Map([['AWSCURRENT', SETTLED]]);
  if (change?.kind === 'label' && change.versionId !== null) versions.set(change.label, change.versionId);
  for (const [label, version] of Object.entries(typeof said === 'object' ? said : {})) versions.set(label, version);
  const suffix = fullArnSuffix(id) ?? 'Ab3dEf';
  const secret = { service: 'secretsmanager', partition: 'aws', account, region, name, suffix } as const;
  const plain = { tags: new Map<string, string>(), replication: [], primaryRegion: null };
  return { kind: 'found', secret, versions, seenAt: now, deleted: said === 'deleted', ...plain };
}
