import { expect, test } from 'vitest';
import { encodeCommit, parseCommit } from '../../../../src/adapters/git/objects/commit.ts';
import { Failure } from '../../../../src/domain/failure.ts';
import { heapBytes } from '../../heap-bytes.ts';

const TREE = 'a'.repeat(40);
const PARENT = 'b'.repeat(40);
const DRAFT = {
  parent: PARENT,
  message: 'Subject\n\nBody\n',
  author: { name: 'Bot', email: 'bot@x.y' },
  time: 1_700_000_000,
};

test('a commit is encoded as Git does it', () => {
  const lines = [
    `tree ${TREE}`,
    `parent ${PARENT}`,
    'author Bot <bot@x.y> 1700000000 +0000',
    'committer Bot <bot@x.y> 1700000000 +0000',
  ];
  expect(encodeCommit(DRAFT, TREE).toString()).toBe(`${lines.join('\n')}\n\nSubject\n\nBody\n`);
  expect(
    encodeCommit({ ...DRAFT, message: 'Subject' }, TREE)
      .toString()
      .endsWith('\n\nSubject\n'),
  ).toBe(true);
});

const BAD: readonly (readonly [string, object])[] = [
  ['a name that ends the header', { author: { name: 'Bot\nparent x', email: 'a@b' } }],
  ['a name with angle brackets', { author: { name: 'Bot <x@y>', email: 'a@b' } }],
  ['no name', { author: { name: '', email: 'a@b' } }],
  ['no address', { author: { name: 'Bot', email: '' } }],
  ['an address with a space', { author: { name: 'Bot', email: 'a b' } }],
  ['a message with NUL', { message: 'a\0b' }],
  ['a time with a fraction', { time: 1.5 }],
  ['a time before 1970', { time: -1 }],
];
test.each(BAD)('%s is refused', (_, change) => {
  expect(() => encodeCommit({ ...DRAFT, ...change }, TREE)).toThrow(Failure);
});

function check(text: string, expected: object) {
  expect(parseCommit('c'.repeat(40), Buffer.from(text))).toMatchObject(expected);
}

test('what is written is read back', () => {
  const expected = {
    tree: TREE,
    parents: [PARENT],
    author: DRAFT.author,
    committer: DRAFT.author,
    time: DRAFT.time,
    message: DRAFT.message,
  };
  check(encodeCommit(DRAFT, TREE).toString(), expected);
});

test('a signature, several parents, odd people and a body that looks like a header', () => {
  const odd = `tree ${TREE}\nparent ${PARENT}\nparent ${TREE}\nauthor A <B> C <x@y> 1 +0100\ncommitter nobody\n`;
  const signed = `${odd}gpgsig -----BEGIN\n parent ${'d'.repeat(40)}\n -----END\n\nparent ${'e'.repeat(40)}\n`;
  check(signed, {
    parents: [PARENT, TREE],
    author: { name: 'A', email: 'B> C <x@y' },
    message: `parent ${'e'.repeat(40)}\n`,
  });
  check(signed, { committer: { name: 'nobody', email: '' } });
  check(`tree ${TREE}`, { parents: [], message: '' });
});

test('the ids that are kept of a commit do not keep its header', () => {
  const header = (at: number) => `tree ${TREE}\nparent ${String(at).padStart(40, '0')}\nencoding ${'x'.repeat(4000)}\n`;
  const before = heapBytes();
  const kept = Array.from({ length: 1000 }, (_, at) => {
    const { tree, parents } = parseCommit('c'.repeat(40), Buffer.from(`${header(at)}\n`));
    return [tree, ...parents];
  });
  expect(heapBytes() - before).toBeLessThan(1_000_000);
  expect(kept.at(-1)).toEqual([TREE, '999'.padStart(40, '0')]);
});

test('what is no commit is refused', () => {
  for (const text of ['', 'tree x\n\n', `tree ${TREE}\nparent short\n\n`]) {
    expect(() => parseCommit('c'.repeat(40), Buffer.from(text))).toThrow(Failure);
  }
});
