import { expect, test } from 'vitest';
import { readBodyTrailers } from '../../../src/words/pull/body-trailers.ts';
import { ROTATION } from '../../../src/words/trailers.ts';

const BLOCK = '<!-- gitops-reloader: {"v":1} -->';

test.each([
  ['at its end', `Words\n\n${BLOCK}\n\n${ROTATION}: a=1\n${ROTATION}: b=2\n`, ['a=1', 'b=2']],
  ['below the block, with others beneath', `${BLOCK}\n\n${ROTATION}: a=1\n\n## Summary\n`, ['a=1']],
  ['in a browser', `${BLOCK}\r\n\r\n${ROTATION}: a=1\r\n\r\n## Summary\r\n`, ['a=1']],
  ['below the last of two blocks', `${BLOCK}\n\n${ROTATION}: a=1\n\n${BLOCK}\n\n${ROTATION}: b=2\n\nx`, ['b=2']],
  ['without a block, with others beneath', `${ROTATION}: a=1\n\n## Summary\n`, []],
  ['farther below the block', `${BLOCK}\n\nWords\n\n${ROTATION}: a=1\n\n## Summary\n`, []],
  ['in a block that never ends', `<!-- gitops-reloader: x\n\n${ROTATION}: a=1\n\n## Summary\n`, []],
  ['nowhere', '', []],
])('trailers of a body that stand %s', (_, body, expected) => {
  expect(readBodyTrailers(body, ROTATION)).toEqual(expected);
});
