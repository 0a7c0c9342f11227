import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Part } from '../../../src/domain/grouping/grouping.ts';
import { readBlock } from '../../../src/words/pull/hidden-block.ts';
import { MAX_BODY_LENGTH, pullRequestText } from '../../../src/words/pull-request.ts';
import { checkTemplate } from '../../../src/words/templates/check-template.ts';
import {
  parseTemplates,
  type Said,
  sayProposal,
  type TemplateTexts,
} from '../../../src/words/templates/say-proposal.ts';
import type { PlacedSubject } from '../../../src/words/templates/template-facts.ts';
import { RESTART, ROTATION, readTrailers } from '../../../src/words/trailers.ts';
import { checkEverything, EVERYTHING, HOME, NASTY } from '../hostile.ts';
import { EVENTS, HOSTILE, hostilePlan, stageOne, stageTwo } from '../sample-plans.ts';

const NONE: TemplateTexts = { subject: null, title: null, body: null };
const COMMON = { order: 'staged', settleMilliseconds: 360_000, home: HOME } as const;
const FIRST: PlacedSubject = { ...COMMON, plan: stageOne('staged'), events: EVENTS, stage: 1, refreshedBy: [] };
const SECOND: PlacedSubject = { ...COMMON, plan: stageTwo(), events: [], stage: 2, refreshedBy: [7, 12] };

const PART: Part = { key: 'eu', captures: [{ name: 'cluster', value: 'eu-1' }] };

function say(texts: Partial<TemplateTexts>, about: PlacedSubject = FIRST): Said {
  return sayProposal(about, parseTemplates({ ...NONE, ...texts }));
}

/** What a template makes of stage one: a subject and title of one line, or the body before what machines read. */
function line(template: string, about?: PlacedSubject): string {
  return say({ title: template }, about).text.title;
}

function body(template: string, about?: PlacedSubject): string {
  return say({ body: template }, about).text.body.split('\n\n<!-- gitops-reloader: ')[0] ?? '';
}

function read(name: string): string {
  return readFileSync(`templates/words/${name}`, 'utf8');
}

test('without templates, our own words', () => {
  for (const about of [FIRST, SECOND]) {
    const { text, passedOver } = say({}, about);
    expect(text).toEqual(pullRequestText(about));
    expect(passedOver).toEqual([]);
  }
});

test('the templates that are shipped say the same as our own words', () => {
  const texts = {
    subject: read('subject.liquid').trim(),
    title: read('title.liquid').trim(),
    body: read('body.md.liquid'),
  };
  const bare = { ...FIRST, plan: { ...FIRST.plan, skips: [] } };
  for (const about of [FIRST, SECOND, bare, { ...FIRST, part: PART }, { ...SECOND, part: PART }]) {
    expect(say(texts, about)).toEqual(say({}, about));
  }
});

test('the short body that is shipped', () => {
  const text = read('short-body.md.liquid');
  expect(checkTemplate(text, 'body')).toBeNull();
  expect(body(text)).toContain('- <code>444455556666&#58;us-east-1&#58;shared/tls</code> is now at <code>');
  expect(body(text)).toContain('secret-rotation?group=prod%2Fpayments%2Fdb');
  expect(body(text, SECOND)).toContain('- Deployment payments/api\n- StatefulSet payments/worker\n');
  expect(body(text, SECOND)).toContain('Refreshed by #7, #12.');
});

test('what machines read ends every body and commit, whatever the templates say', () => {
  const { text, message } = say({
    body: `Secret-Rotation: forged=1\n\nSecret-Rotation: forged=2`,
    subject: 'chore: {{ subject | truncate: 20 }}',
  });
  const own = say({});
  expect(readTrailers(text.body, ROTATION)).toEqual(readTrailers(own.text.body, ROTATION));
  expect(readTrailers(message, ROTATION)).toEqual(readTrailers(own.message, ROTATION));
  expect(readBlock(text.body)).toEqual(readBlock(own.text.body));
  expect(message.split('\n')[0]).toBe('chore: Refresh 111122223...');
  expect(readTrailers(say({ body: 'x' }, SECOND).text.body, RESTART)).toHaveLength(2);
});

test('a line is one line, and facts in it are no markup', () => {
  expect(line('[{{ repository }}] {{ noun }} {{ counts.secrets }}/{{ secrets.size }}')).toBe(
    '[platform%40main] secret 2/2',
  );
  expect(line('{{ "@x #1 `a` <b> [c](d) http://e GH-1 :tada:" }}')).toBe(
    '%40x %231 %60a%60 %3Cb%3E %5Bc%5D(d) http%3A//e GH%2D1 %3Atada:',
  );
  expect(line('{% for event in events %}{{ event.name }};{% endfor %}')).toBe(
    'Secret Label Updated;UpdateSecretVersionStage;',
  );
});

test('the part of a group can be named, and is nothing where groups are not split', () => {
  const template = '{{ group }}{% if part %} in {{ part }}{% endif %}';
  expect(line(template)).toBe('prod/payments/db');
  expect(line(template, { ...FIRST, part: PART })).toBe('prod/payments/db in cluster=eu-1');
  expect(body('{{ sections.part }}', { ...FIRST, part: PART })).toContain('the part <code>cluster&#61;eu-1</code>');
});

test('a fact in a body is no markup, and no filter can make it one', () => {
  expect(body('{{ "<b> | `x` [a](b) @x #1" }}')).toBe(
    '&#60;b&#62; &#124; &#96;x&#96; &#91;a&#93;(b) &#64;<!-- -->x &#35;<!-- -->1',
  );
  expect(body('{{ "a&b" | replace: "&", "<" | append: ">" }}')).toBe('a&#60;b&#62;');
  expect(body('{% assign x = "<" | code %}{{ x }}')).toContain('&#60;code&#62;');
  expect(body('{{ sections.opening | upcase }}x')).toBe('&#91;OBJECT OBJECT&#93;x');
  expect(body('{{ secrets }}{{ counts }}{{ secrets[0] }}x')).toBe('x');
});

test('nothing of a prototype is seen', () => {
  const parsed = parseTemplates({
    ...NONE,
    title: 'a{{ secrets | map: "constructor" }}{{ secrets | where: "__proto__" | size }}',
  });
  expect(sayProposal(FIRST, parsed).text.title).toMatch(/^a[ ,0]*$/);
});

test.each([
  ['empty', '{% if stage == 2 %}x{% endif %}', 'It says nothing.'],
  ['too long', `{{ subject }}${'x'.repeat(300)}`, 'It says more than 256 characters.'],
])('a title that is %s falls back to ours, with a note', (_, template, reason) => {
  const { text, passedOver } = say({ title: template });
  expect(text.title).toBe(say({}).text.title);
  expect(passedOver).toEqual([{ template: 'title', reason }]);
});

test('a subject has 72 characters, a title 256', () => {
  expect(say({ subject: 'x'.repeat(72) }).passedOver).toEqual([]);
  expect(say({ subject: 'x'.repeat(73) }).passedOver).toHaveLength(1);
  expect(say({ title: 'x'.repeat(256) }).passedOver).toEqual([]);
});

test('a body has fewer items until it fits, and is ours where it never does', () => {
  const about = { ...FIRST, plan: hostilePlan('x'.repeat(512), 150) };
  const template = `{% for object in objects %}{{ object.name }}{% endfor %}${'y'.repeat(8000)} {{ counts.objects }}`;
  const { text, passedOver } = say({ body: template }, about);
  expect(text.body.length).toBeLessThan(MAX_BODY_LENGTH);
  expect([text.body.includes('y 150'), passedOver]).toEqual([true, []]);
  const huge = `{% for a in (1..100) %}${'0'.repeat(700)}{% endfor %}`;
  const second = say({ body: huge });
  expect(second.text).toEqual(say({}).text);
  expect(second.passedOver).toEqual([{ template: 'body', reason: 'It says too much, even with empty lists.' }]);
});

test('a body that leaves something open on real data is passed over', () => {
  const template = '{% if counts.objects > 3 %}```{% endif %} x';
  const { text, passedOver } = say({ body: template });
  expect([text, passedOver.length]).toEqual([say({}).text, 1]);
});

test('a template that cannot be used is our own words', () => {
  expect(say({ title: '{{ nope', body: '{% include "x" %}' })).toEqual(say({}));
});

test('whatever names hold, a template of everything stays harmless', () => {
  for (const text of ['', NASTY, HOSTILE.join(' ')]) checkEverything(text, EVERYTHING);
});
