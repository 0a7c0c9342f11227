import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { codes, tableRows } from './markdown.ts';

const PAGE = 'docs/performance.md';
const HEADER = '| Work | Goal | Measured on | Measured | Compared with | Goal met |';

interface Row {
  readonly id: string;
  readonly work: string;
  readonly goal: string;
}

interface Result {
  readonly row: string;
  readonly files?: number;
  readonly value?: number;
  readonly measured?: string;
  readonly skipped?: string;
}

/** As the bench exports them; it is no TypeScript. */
interface Bench {
  pageOf(made: { readonly machine: object; readonly results: readonly Result[]; readonly command: string }): string;
  judged(results: readonly Result[]): readonly { readonly id: string; readonly verdict: string }[];
  percentile(values: readonly number[], percent: number): number;
  medianRatio(pairs: readonly (readonly [number, number])[]): number;
  slope(points: readonly (readonly [number, number])[]): number;
}

const modules = ['page', 'judge', 'statistics'].map(
  (name) => new URL(`../../bench/rows/${name}.mjs`, import.meta.url).href,
);
const bench = Object.assign({}, ...(await Promise.all(modules.map((href) => import(href))))) as Bench;
const rows = JSON.parse(readFileSync('bench/rows/rows.json', 'utf8')) as readonly Row[];

test('the page shows every row that the bench has, in the same order, with its goal', () => {
  expect(tableRows(PAGE, HEADER).map(([work, goal]) => [work, goal])).toEqual(
    rows.map(({ work, goal }) => [work, goal]),
  );
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
});

test('the page names the command that makes it', () => {
  expect(codes(readFileSync(PAGE, 'utf8'))[0]).toMatch(/^npm run bench -- report \d+ --runs \d+ --rotations \d+$/);
});

test('the page is what the bench writes, but for the figures', () => {
  const page = readFileSync(PAGE, 'utf8');
  const written = bench.pageOf({ machine: {}, results: [], command: 'npm run bench' });
  const about = '## How it is measured';
  expect(page.slice(page.indexOf(about))).toBe(written.slice(written.indexOf(about)));
});

test('a goal is met, missed by so much, or not judged', () => {
  const verdict = (result: Result) => bench.judged([result]).find(({ id }) => id === result.row)?.verdict;
  expect(verdict({ row: 'cold-time', files: 50_000, value: 3.5 })).toBe('met: 3.5 s');
  expect(verdict({ row: 'cold-time', files: 50_000, value: 7 })).toBe('missed: 7 s, 2 times the goal');
  expect(verdict({ row: 'event-ratio', files: 10_000, value: 5 })).toBe('met: 5 ×');
  expect(verdict({ row: 'event-ratio', files: 10_000, value: 2 })).toBe('missed: 2 ×, 2.5 times the goal');
  expect(verdict({ row: 'cold-peak', files: 1000, value: 99 })).toBe('met: 99 MB (the goal is for 50,000 manifests)');
  expect(verdict({ row: 'cold-dense', files: 50_000, measured: '1 s' })).toBe('no goal');
  expect(verdict({ row: 'restart-time', skipped: 'not measured: why' })).toBe('not measured: why');
  expect(bench.judged([]).map((row) => row.verdict)).toEqual(rows.map(() => 'not measured'));
});

test('medians, percentiles and slopes', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
  expect([50, 95, 100].map((percent) => bench.percentile(hundred, percent))).toEqual([50, 95, 100]);
  expect(bench.percentile([7], 95)).toBe(7);
  expect(
    bench.medianRatio([
      [1, 2],
      [9, 3],
      [4, 4],
    ]),
  ).toBe(1);
  expect(
    bench.slope([
      [0, 5],
      [1, 7],
      [2, 9],
    ]),
  ).toBe(2);
  expect(bench.slope([[3, 5]])).toBe(0);
});
