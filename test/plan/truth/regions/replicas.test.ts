import { expect, test } from 'vitest';
import type { SecretChange } from '../../../../src/domain/change.ts';
import type { Replica } from '../../../../src/domain/described/described-secret.ts';
import {
  changeInRegion,
  copiesElsewhere,
  copiesOf,
  copyBehind,
  copyFailed,
  type Replicated,
  showsChange,
} from '../../../../src/plan/truth/regions/replicas.ts';
import type { KnownSecret } from '../../../../src/plan/truth/wish.ts';

const ACCOUNTS = [{ id: '111122223333', regions: ['eu-west-1', 'us-east-1', 'us-west-2'] }];
const EVENT = { id: 'e', name: 'Secret Label Updated', time: null, actorKind: null };
const CHANGE = {
  service: 'secretsmanager',
  account: '111122223333',
  region: 'eu-west-1',
  id: 'db',
  names: ['db', 'db-x'],
  versionId: 'two',
  event: EVENT,
  kind: 'label',
  label: 'AWSCURRENT',
} as const satisfies SecretChange;

function answer(replication: readonly Replica[], primaryRegion: string | null = 'eu-west-1'): Replicated {
  const place = { partition: 'aws-cn', account: '111122223333', region: 'eu-west-1' };
  return {
    secret: { service: 'secretsmanager', ...place, name: 'db', suffix: 'Ab3dEf' },
    replication,
    primaryRegion,
    versions: new Map([['AWSCURRENT', 'three']]),
  };
}

const copy = (region: string, status: Replica['status'] = 'InSync'): Replica => ({ region, status });
const MANY = [copy('us-west-2', 'Failed'), copy('us-east-1'), copy('eu-west-1'), copy('ap-south-1')];

function described(versions: Readonly<Record<string, string>>): KnownSecret {
  return {
    kind: 'described',
    name: 'db',
    versions: new Map(Object.entries(versions)),
    seenAt: '2026-03-02T00:00:00Z',
    deleted: false,
    tags: new Map(),
  };
}

function said(...regions: readonly string[]): string | undefined {
  return copiesElsewhere(regions)?.replace(', which spec.aws.accounts does not allow.', '');
}

test('copies are sorted, those that are not allowed apart, and the own region is none', () => {
  expect(copiesOf(CHANGE, answer(MANY), ACCOUNTS)).toEqual({
    allowed: [copy('us-east-1'), copy('us-west-2', 'Failed')],
    elsewhere: ['ap-south-1'],
  });
  expect(copiesOf(CHANGE, answer(MANY, null), ACCOUNTS).allowed).toHaveLength(2);
});

test('a copy has no copies of its own, nothing that is deleted has any, and other accounts allow nothing here', () => {
  expect(copiesOf(CHANGE, answer(MANY, 'us-east-1'), ACCOUNTS)).toEqual({ allowed: [], elsewhere: [] });
  for (const kind of ['deleted', 'restored'] as const) {
    expect(copiesOf({ kind }, answer(MANY), ACCOUNTS)).toEqual({ allowed: [], elsewhere: [] });
  }
  const other = [{ id: '444455556666', regions: ['us-east-1'] }];
  expect(copiesOf(CHANGE, answer([copy('us-east-1')]), other)).toEqual({ allowed: [], elsewhere: ['us-east-1'] });
});

test('a copy is asked for by its own ARN, for the version that its primary has, whatever the event named', () => {
  expect(changeInRegion(CHANGE, answer([]), 'us-east-1')).toEqual({
    ...CHANGE,
    region: 'us-east-1',
    id: 'arn:aws-cn:secretsmanager:us-east-1:111122223333:secret:db-Ab3dEf',
    names: ['db'],
    versionId: 'three',
  });
  const bare = { ...answer([]), secret: { ...answer([]).secret, suffix: null } };
  expect(changeInRegion({ ...CHANGE, label: 'blue' }, bare, 'us-east-1')).toMatchObject({ id: 'db', versionId: null });
  expect(changeInRegion({ ...CHANGE, kind: 'tags', label: null }, bare, 'us-east-1')).toMatchObject({
    versionId: null,
  });
});

test('a copy shows what changed once it has the version, or has lost the label too', () => {
  const change = changeInRegion(CHANGE, answer([]), 'us-east-1');
  expect(showsChange(change, described({ AWSCURRENT: 'three' }))).toBe(true);
  expect(showsChange(change, described({ AWSCURRENT: 'two', AWSPREVIOUS: 'three' }))).toBe(false);
  expect(showsChange(change, described({}))).toBe(false);
  expect(showsChange(change, { kind: 'absent' })).toBe(false);
  expect(showsChange(change, { kind: 'denied' })).toBe(true);
  const blue = changeInRegion({ ...CHANGE, label: 'blue' }, answer([]), 'us-east-1');
  expect(showsChange(blue, described({}))).toBe(true);
  expect(showsChange(blue, described({ blue: 'one' }))).toBe(false);
  expect(showsChange({ ...CHANGE, kind: 'tags', label: null }, described({}))).toBe(true);
});

test('words for people name every region, a few at most, and nothing that steers a terminal', () => {
  expect(copiesElsewhere([])).toBe(null);
  expect(said('a')).toBe('It has a replica in a');
  expect(said('a', 'b')).toBe('It has replicas in a and b');
  expect(said('a', 'b', 'c')).toBe('It has replicas in a, b and c');
  expect(said('a', 'b', 'c', 'd', 'e', 'f', 'g')).toBe('It has replicas in a, b, c, d, e and 2 more');
  for (const text of [said('\u001b[2J'), copyBehind('\u001b[2J').reason, copyFailed('\u001b[2J').hint]) {
    expect(text).not.toContain('\u001b');
  }
});
