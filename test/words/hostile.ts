import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { expect } from 'vitest';
import { readBlock } from '../../src/words/pull/hidden-block.ts';
import type { PullRequestHome } from '../../src/words/pull-request.ts';
import { parseTemplates, sayProposal, type TemplateTexts } from '../../src/words/templates/say-proposal.ts';
import { ROTATION, readTrailers } from '../../src/words/trailers.ts';
import { hostileEvent, hostilePlan } from './sample-plans.ts';

export const HOME: PullRequestHome = {
  instance: 'acme',
  repository: 'platform@main',
  base: 'main',
  branch: 'gitops-reloader/acme/prod-payments-db-01234567/refresh',
  group: 'prod/payments/db',
};

/** The elements that our own words make, and none with an attribute but these. */
const ELEMENTS = [
  'p',
  'h3',
  'ul',
  'li',
  'strong',
  'code',
  'pre',
  'table',
  'thead',
  'tbody',
  'tr',
  'th',
  'td',
  'details',
  'summary',
];

/** What a forge makes of Markdown: GitHub's dialect, raw HTML included. */
function rendered(markdown: string): string {
  return micromark(markdown, {
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
  });
}

/**
 * Markdown in which whatever comes from data is text: rendered, it has no link, image, mention, reference or element but
 * those of our own words, each closed, and every row of a table has as many cells as its header.
 */
export function harmlessMarkdown(markdown: string): string {
  // Trailers name secrets as they are.
  const html = rendered(markdown.replaceAll(/^(Secret-Rotation|Workload-Restart): .*$/gm, '$1: x'));
  const withoutComments = html.replaceAll(/<!--[\s\S]*?-->/g, '\u0000');
  const tags = [...withoutComments.matchAll(/<(\/?)([^\s>]*)([^>]*)>/g)];
  const foreign = tags.filter(
    ([, , name = '', attributes = '']) => !ELEMENTS.includes(name) || !isKnown(name, attributes),
  );
  expect(foreign.map(([tag]) => tag)).toEqual([]);
  for (const name of ELEMENTS) {
    const of = tags.filter(([, , one]) => one === name);
    expect([name, of.filter(([, slash]) => slash === '').length]).toEqual([
      name,
      of.filter(([, slash]) => slash === '/').length,
    ]);
  }
  for (const [table] of withoutComments.matchAll(/<table>[\s\S]*?<\/table>/g)) {
    const widths = [...table.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(([row]) => row.match(/<t[hd]>/g)?.length ?? 0);
    expect(new Set(widths).size).toBe(1);
  }
  // A forge looks for these in text, once entities are decoded, and not in code.
  const text = decoded(withoutComments.replaceAll(/<(code|pre)[\s\S]*?<\/\1>/g, ' ').replaceAll(/<[^>]*>/g, ' '));
  expect(text).not.toMatch(/(?:^|[^\w`])@[a-z\d]|(?:^|\W)gh-\d|#\d|www\.\w|\w:\/\//im);
  expect(markdown).not.toMatch(/[\p{Cf}\p{Cs}\u2028\u2029]|[^\P{Cc}\n]/u);
  return html;
}

function isKnown(name: string, attributes: string): boolean {
  return attributes === '' || (name === 'code' && attributes === ' class="language-mermaid"');
}

function decoded(html: string): string {
  return html
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

/** Everything that means something anywhere, at once. */
export const NASTY =
  '`|-->]( </details> <!-- @user #1 fixes #1 GH-1 acme/app#1 http://evil.example www.evil.example ```\n~~~\r\n# h\n- [ ] x\u2028\u2029\u202e\u2066\u200b\ufeff\u001b[31m\u0000 שלום مرحبا {{ subject }} {% if %} $x$ $$ [^1] \\ _x_ **y** :tada:';

/** Templates of every variable, some at the beginning of a line. */
export const EVERYTHING: TemplateTexts = {
  subject: '{{ objects[0].name }}',
  title: '{{ skipped[0].hint }} x',
  body: [
    '{{ subject }} {{ group }} {{ branch }} {{ base }} {{ repository }} {{ instance }}',
    '{% for one in objects %}\n{{ one.name }}\n{{ one.reason }}{% endfor %}',
    '{% for one in objects %}\n- {{ one.kind }} {{ one.namespace }} {{ one.path | code }} {{ one.name | code }} {{ one.name | slice: 0, 3 }}{% endfor %}',
    '{% for secret in secrets %}{{ secret.name }} {{ secret.name | code }} {{ secret.version }}{% endfor %}',
    '{% for one in skipped %}\n| {{ one.hint }} | {{ one.reason | upcase }} |\n| --- | --- |\n| {{ one.name | url_encode }} | {{ one.code }} |{% endfor %}',
    '{% for one in events %}\n> {{ one.id }} {{ one.name }} {{ one.time }}{% endfor %}',
    '{% for one in owners %}\n{{ one }} {{ one | code }}{% endfor %}{% for one in drops %}\n- {{ one.secret }} {{ one.time }}{% endfor %}',
    '{{ sections.changes }}\n\n{{ sections.owners }}\n\n{{ sections.drops }}\n\n{{ sections.diagram }}',
  ].join('\n\n'),
};

/** A proposal in which every text from outside is this one, said by these templates: harmless wherever it goes. */
export function checkEverything(text: string, templates: TemplateTexts): void {
  const home = { instance: text, repository: text, base: text, branch: text, group: text };
  const about = { order: 'staged', stage: 1, settleMilliseconds: 360_000, refreshedBy: [], home } as const;
  const owners = Array.from({ length: 4 }, () => [text, text]);
  const said = sayProposal(
    { ...about, plan: hostilePlan(text), events: [hostileEvent(text)], owners, drops: [{ secret: text, at: 0 }] },
    parseTemplates(templates),
  );
  harmlessMarkdown(said.text.body);
  expect(said.text.body.length).toBeLessThan(65_536);
  expect(readTrailers(said.text.body, ROTATION)).toHaveLength(1);
  expect(readBlock(said.text.body).kind).toBe('block');
  const [subject = '', second] = said.message.split('\n');
  expect(second).toBe('');
  for (const [line, most] of [
    [said.text.title, 256],
    [subject, 72],
  ] as const) {
    expect(line).not.toMatch(/[@#`<>[\]|*~\\]|:\/\/|gh-\d|[\p{Cc}\p{Cf}\u2028\u2029]|^\s*$/iu);
    expect(line.length).toBeLessThanOrEqual(most);
  }
  expect(said.message).not.toMatch(/[\p{Cf}\p{Cs}\u2028\u2029]|[^\P{Cc}\n]/u);
}
