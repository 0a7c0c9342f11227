import { expect, test } from 'vitest';
import { refsToAsk } from '../../../src/plan/truth/refs-to-ask.ts';
import { es, FAR, type Files, HOME, indexOf, moved } from '../repository.ts';

function check(files: Files, names: readonly string[], expected: readonly string[]): void {
  const refs = refsToAsk(
    indexOf(files),
    names.map((name) => moved(name)),
  );
  expect(refs.map(({ ref: { account, region, id } }) => `${account}/${region}/${id}`)).toEqual(expected);
}

const AT_HOME = `${HOME.account}/${HOME.region}`;

test('a refresh fetches all: every secret of an object that is reached, and none of the others', () => {
  const files = { 'x.yaml': es('x', ['b', 'a', 'b', 'far:c']), 'y.yaml': es('y', ['d']) };
  check(files, ['a'], [`${AT_HOME}/a`, `${AT_HOME}/b`, `${FAR.account}/${FAR.region}/c`]);
  check(files, ['d', 'nobody'], [`${AT_HOME}/d`]);
});

test('each spelling is asked for: they may mean different secrets', () => {
  const arn = `arn:aws:secretsmanager:${HOME.region}:${HOME.account}:secret:a`;
  check({ 'x.yaml': es('x', ['a', arn]) }, ['a'], [`${AT_HOME}/a`, `${AT_HOME}/${arn}`]);
});

test('tags are asked for, and whether a pinned version is still there', () => {
  const tags = { dataFrom: [{ extract: { key: 't', metadataPolicy: 'Fetch' } }] };
  check(
    { 'x.yaml': es('x', ['a', 'p#uuid/1', 'l#canary'], { spec: tags }) },
    ['a'],
    [`${AT_HOME}/a`, `${AT_HOME}/l`, `${AT_HOME}/p`, `${AT_HOME}/t`],
  );
});

test('what nobody uses is not asked for', () => {
  check({}, ['a'], []);
});
