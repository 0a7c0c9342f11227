import { expect, test } from 'vitest';
import { boundedTable, code, mermaidLabel, prose } from '../../src/words/markdown.ts';

test.each([
  ['prod/db-1.x', '<code>prod/db-1.x</code>'],
  ['prod/_old_/db', '<code>prod/&#95;old&#95;/db</code>'],
  ['', '<code></code>'],
  ['a`b|c', '<code>a&#96;b&#124;c</code>'],
  ['</code>', '<code>&#60;/code&#62;</code>'],
  ['&lt;', '<code>&#38;lt&#59;</code>'],
  ['@x #1', '<code>&#64;<!-- -->x &#35;1</code>'],
  ['www.x.example', '<code>www<!-- -->.x.example</code>'],
  ['a\nb', '<code>a&#92;u&#123;a&#125;b</code>'],
  ['\u202ex', '<code>&#92;u&#123;202e&#125;x</code>'],
  ['😀é', '<code>&#128512;&#233;</code>'],
  ['*x* _y_', '<code>&#42;x&#42; &#95;y&#95;</code>'],
])('as code: %j', (text, expected) => {
  expect(code(text)).toBe(expected);
});

test.each([
  ['It waits (5 s); 50% done.', 'It waits (5 s); 50% done.'],
  ['a | b', 'a &#124; b'],
  ['@team', '&#64;<!-- -->team'],
  ['closes #1', 'closes &#35;<!-- -->1'],
  ['fixes GH-1', 'fixes GH<!-- -->-1'],
  ['http://x.example', 'http&#58;<!-- -->//x.example'],
  ['www.x.example', 'www<!-- -->.x.example'],
  ['WwW.x', 'WwW<!-- -->.x'],
  [':tada: done: yes', '&#58;<!-- -->tada&#58; done&#58; yes'],
  ['<b>', '&#60;b&#62;'],
  ['- x', '&#45; x'],
  ['---', '&#45;--'],
  ['=', '&#61;'],
  ['12. x', '12&#46; x'],
  ['1) x', '1&#41; x'],
  ['1.x', '1&#46;x'],
  ['    x  ', '&#32;   x &#32;'],
  ['<!-- -->', '&#60;&#33;-- --&#62;'],
  ['[x](y) ![x](y)', '&#91;x&#93;(y) &#33;&#91;x&#93;(y)'],
  ['a_b *c* ~d~ `e` \\f $g$', 'a&#95;b &#42;c&#42; &#126;d&#126; &#96;e&#96; &#92;f &#36;g&#36;'],
])('as prose: %j', (text, expected) => {
  expect(prose(text)).toBe(expected);
});

test.each([
  ['Secret/app-db', 'Secret/app-db'],
  ['"] --> x["', '#34;#93; --#62; x#91;#34;'],
  ['a;b#c', 'a#59;b#35;c'],
  ['```\n%%', '#96;#96;#96;#92;u#123;a#125;#37;#37;'],
])('as a Mermaid label: %j', (text, expected) => {
  expect(mermaidLabel(text)).toBe(expected);
});

test('long texts are cut before they are escaped, so that no entity is cut', () => {
  expect(code('|'.repeat(500), 3)).toBe('<code>&#124;&#124;&#124;&#8230;</code>');
  expect(prose('|'.repeat(5000)).length).toBeLessThan(4000);
  expect(mermaidLabel('x'.repeat(500))).toBe(`${'x'.repeat(80)}#8230;`);
});

function table(limit: number): string {
  return boundedTable({ header: ['A', 'B'], items: [1, 2, 3], row: (one) => [`${one}`, 'x'], limit });
}

test('a table has as many rows as it may, and says how many are left out', () => {
  expect(table(3)).toBe('| A | B |\n| --- | --- |\n| 1 | x |\n| 2 | x |\n| 3 | x |');
  expect(table(2)).toBe('| A | B |\n| --- | --- |\n| 1 | x |\n| 2 | x |\n\n… and 1 more.');
  expect(table(0)).toBe('| A | B |\n| --- | --- |\n\n… and 3 more.');
});

test('a long table is folded', () => {
  const items = Array.from({ length: 12 }, (_, at) => at);
  const long = (limit: number) => boundedTable({ header: ['A'], items, row: (one) => [`${one}`], limit });
  expect(long(10)).not.toContain('<details>');
  expect(long(11)).toMatch(
    /^<details><summary>11 rows<\/summary>\n\n\| A \|[^]*\| 10 \|\n\n<\/details>\n\n… and 1 more\.$/,
  );
});

test('rows that are not shown are not made', () => {
  const made: number[] = [];
  const items = Array.from({ length: 100_000 }, (_, at) => at);
  boundedTable({ header: ['A'], items, limit: 5, row: (one) => [String(made.push(one))] });
  expect(made).toEqual([0, 1, 2, 3, 4]);
});
