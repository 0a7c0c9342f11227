import { expect, test } from 'vitest';
import { followPins } from '../../../src/manifests/indexing/pins/follow-pins.ts';
import { nextDrops } from '../../../src/plan/life/next-drops.ts';
import { heldTo } from '../../../src/plan/pin/pin-place.ts';
import type { KnownSecret } from '../../../src/plan/truth/wish.ts';
import { type Ask, claimed, described, es, type Files, indexOf, lines, moved, planOf, tok, v } from '../repository.ts';

const DB: Ask = { wishes: [moved('db')], truth: { db: 2 } };
const PIN = { 'gitops-reloader.dev/pin': 'version' };

/** The plan where versions are pinned, and the fields that it sets in short. */
function pins(files: Files, ask: Ask = DB) {
  const { plan } = planOf(followPins(indexOf(files), 'version'), { ...ask, scope: { pin: 'version', ...ask.scope } });
  const fields = plan.edits.flatMap((edit) => edit.fields ?? []);
  const said = fields.map(({ field, before, after }) => `${field}: ${before ?? ''} > ${after.replace(v(2), '2')}`);
  return { plan, said, lines: lines(plan), notes: plan.edits.flatMap(({ notes }) => notes.map(({ code }) => code)) };
}

test('every reference that follows AWSCURRENT, or was pinned before, names its version', () => {
  const made = pins({ 'x.yaml': es('x', ['db', 'db#AWSCURRENT', `db#uuid/${v(1)}`, 'db#AWSPREVIOUS']) });
  expect(made.said).toEqual([
    'spec.data[0].remoteRef.version:  > uuid/2',
    'spec.data[1].remoteRef.version: AWSCURRENT > uuid/2',
    `spec.data[2].remoteRef.version: uuid/${v(1)} > uuid/2`,
  ]);
  expect(made.notes).toEqual(['not-pinned', 'pinned-gone']);
});

test('a pinned object is followed: due by its token alone, current by its token alone', () => {
  expect(followed('db=1@1')).toEqual(['1 ExternalSecret/x: token db=2@2']);
  expect(followed('db=2@2')).toEqual(['ExternalSecret/x: already-current']);
});

function followed(token: string): readonly string[] {
  return pins({ 'x.yaml': es('x', [`db#uuid/${v(1)}`], { token: tok(token) }) }).lines;
}

test('the annotation counts before the branch, either way', () => {
  const { plan } = planOf(
    followPins(indexOf({ 'x.yaml': es('x', [`db#uuid/${v(1)}`, 'db'], { annotations: PIN }) })),
    DB,
  );
  expect(plan.edits[0]?.fields?.map(({ after }) => after)).toEqual([`uuid/${v(2)}`, `uuid/${v(2)}`]);
  const none = { annotations: { 'gitops-reloader.dev/pin': 'none' } };
  const made = pins({ 'x.yaml': es('x', [`db#uuid/${v(1)}`], none) });
  expect([made.lines, made.said]).toEqual([['ExternalSecret/x: pinned-gone'], []]);
  const wrong = { annotations: { 'gitops-reloader.dev/pin': 'versions' } };
  expect(pins({ 'x.yaml': es('x', ['db'], wrong) }).lines).toEqual(['ExternalSecret/x: wrong-annotation']);
});

test.each<[string, KnownSecret | number, string]>([
  ['AWS may not be asked', claimed(2), 'AWS was not asked'],
  ['nobody knows the version', { kind: 'unnamed', seenAt: '2026-01-02T00:00:00Z' }, 'AWS was not asked'],
  ['the id is too short', idOf('v2'), 'not 32 to 64'],
  ['the id is too long', idOf('a'.repeat(65)), 'not 32 to 64'],
  ['the id is hostile', idOf(`${'a'.repeat(40)}"\n# {{x}}`), 'not 32 to 64'],
])('nothing is written where %s', (_, known, reason) => {
  const made = pins({ 'x.yaml': es('x', ['db']) }, { ...DB, truth: { db: known } });
  expect(made.lines).toEqual(['ExternalSecret/x: pin-refused']);
  expect(made.plan.skips[0]?.reason).toContain(reason);
});

function idOf(version: string): KnownSecret {
  const versions = new Map([['AWSCURRENT', version]]);
  return { kind: 'described', name: 'db', versions, seenAt: '', deleted: false, tags: new Map() };
}

test('a version that a person states is taken at their word, and said so', () => {
  const stated: KnownSecret = { kind: 'stated', versions: new Map([['AWSCURRENT', v(2)]]), seenAt: '' };
  const made = pins({ 'x.yaml': es('x', ['db']) }, { ...DB, truth: { db: stated } });
  expect([made.said, made.notes]).toEqual([['spec.data[0].remoteRef.version:  > uuid/2'], ['pin-not-checked']]);
});

test('what AWS does not tell of another secret leaves that reference alone', () => {
  const made = pins({ 'x.yaml': es('x', ['db', 'gone']) }, { ...DB, truth: { db: 2, gone: { kind: 'absent' } } });
  expect(made.said).toEqual(['spec.data[0].remoteRef.version:  > uuid/2']);
  expect(made.notes).toEqual(['not-pinned']);
});

test('what pods use is what the pin names: that decides whether the next rotation drops it', () => {
  const truth = described('db', 3, { labels: { AWSPREVIOUS: 2 } });
  const soon = { ...(truth as object), nextRotationAt: Date.parse('2026-02-01T00:00:00Z') } as KnownSecret;
  const drops = (pin: number, token: string) => {
    const files = { 'x.yaml': es('x', [`db#uuid/${v(pin)}`], { token: tok(token) }) };
    const { plan } = pins(files, { ...DB, truth: { db: soon } });
    return nextDrops(plan.edits, new Map([['secretsmanager:111122223333:eu-west-1:db', soon]])).length;
  };
  expect([drops(2, 'db=1@1'), drops(1, 'db=2@2'), drops(2, 'db=2@2')]).toEqual([1, 0, 1]);
});

test('what follows a label by pins is told with its pin', () => {
  expect(heldTo('AWSCURRENT', `uuid/${v(1)}`)).toBe(`AWSCURRENT, pinned to ${v(1)} until it is bumped`);
  expect([heldTo('AWSCURRENT', ''), heldTo('canary', 'canary')]).toEqual(['AWSCURRENT', 'canary']);
});
