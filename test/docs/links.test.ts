import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { projectFiles } from './markdown.ts';

const documents = projectFiles().filter(
  (name) => name.endsWith('.md') && !name.startsWith('fixtures/demo/repository/'),
);

test('every relative link leads to a file, and every fragment to a heading', () => {
  const broken = documents.flatMap((document) =>
    linksIn(readFileSync(document, 'utf8'))
      .filter((link) => !leadsSomewhere(document, link))
      .map((link) => `${document}: ${link}`),
  );
  expect(broken).toEqual([]);
  expect(documents.flatMap((document) => linksIn(readFileSync(document, 'utf8'))).length).toBeGreaterThan(5);
});

test('the changelog has a section for what is not released yet', () => {
  expect(readFileSync('CHANGELOG.md', 'utf8')).toMatch(/^## Unreleased\n\n- \S/m);
});

test('a broken link is seen', () => {
  expect(leadsSomewhere('README.md', 'nowhere.md')).toBe(false);
  expect(leadsSomewhere('README.md', '#nowhere')).toBe(false);
  expect(leadsSomewhere('README.md', 'CHANGELOG.md#unreleased')).toBe(true);
});

/** Targets of Markdown links that lead neither to another host nor into code. */
function linksIn(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(document: string, link: string): boolean {
  const [path = '', fragment] = link.split('#');
  const target = path === '' ? document : join(dirname(document), path);
  if (!existsSync(target)) return false;
  return fragment === undefined || headings(readFileSync(target, 'utf8')).includes(fragment);
}

/** As GitHub makes anchors of headings. */
function headings(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
