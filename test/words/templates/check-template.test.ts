import { expect, test } from 'vitest';
import { checkTemplate } from '../../../src/words/templates/check-template.ts';
import { LANGUAGE, type Place } from '../../../src/words/templates/liquid-template.ts';
import { sampleSubjects } from '../../../src/words/templates/sample-subjects.ts';
import { templateFacts } from '../../../src/words/templates/template-facts.ts';
import { VARIABLES } from '../../../src/words/templates/variables.ts';

/** `line:column message (hint)`; empty where nothing is wrong. */
function check(template: string, expected: string, place: Place = 'body'): void {
  const trouble = checkTemplate(template, place);
  if (trouble === null) expect('').toBe(expected);
  else {
    const { line, column, message, hint } = trouble;
    expect(`${line}:${column} ${message}${hint === null ? '' : ` (${hint})`}`).toBe(expected);
  }
}

test.each([
  'x',
  '{{ subject }}',
  '{{ secrets[0].name }}{{ secrets.first.version }}{{ secrets.size }} {{ subject.size }}',
  '{% assign x = secrets %}{% for y in x %}{{ y.name }}{{ forloop.index }}{% endfor %} ',
  '{% for secret in secrets %}{{ secret.name | code }}{% endfor %}x',
  '{% if stage == 1 %}x{% endif %}',
  '{% case order %}{% when "staged" %}x{% else %}y{% endcase %}',
  '{% raw %}{{ nothing }}{% endraw %}',
  '{% comment %}{{ nothing }}{% endcomment %}x',
  '{% for one in objects %}{% if one.namespace %}{{ one.namespace }}/{% endif %}{{ one.name }}{% endfor %}',
  '```\n{{ subject }}\n```',
  '<details><summary>x</summary>\n\n{{ sections.changes }}\n\n</details>',
])('can be used: %j', (template) => {
  check(template, '');
});

test.each([
  ['{{ subjet }}', '1:4 unknown variable subjet (did you mean subject?)'],
  ['x\n  {{ count.secrets }}', '2:6 unknown variable count (did you mean counts?)'],
  ['{{ counts.secret }}', '1:4 unknown variable counts.secret (did you mean counts.secrets?)'],
  ['{% for s in secrets %}\n{{ s.nme }}{% endfor %}', '2:4 unknown variable s.nme (did you mean s.name?)'],
  [
    '{% if stage == 3 %}{{ nonsense.of.mine }}{% endif %}x',
    '1:23 unknown variable nonsense (known here: base, branch, counts, drops, events, group, instance, noun, objects, order, owners, part, refreshes, repository, secrets, sections, settle, skipped, stage, statuses, subject, workloads)',
  ],
  ['{{ subject.constructor }}', '1:4 unknown variable subject.constructor (known here: subject.size)'],
  ['{{ __proto__ }}', '1:4 unknown variable __proto__'],
  ['{{ subject | upcas }}', '1:1 unknown filter upcas (did you mean upcase?)'],
  ['x {% fi %}', '1:3 unknown tag fi (did you mean if?)'],
  ['{% if %}', '1:6 invalid value expression: ""'],
  ['{{ subject', '1:1 output "{{ subject" not closed'],
  ['{% if stage %}', '1:1 tag {% if stage %} not closed'],
  ['', '1:1 it is empty (leave the key out for our own words)'],
  ['{{ "" }}', '1:1 it says nothing in either stage'],
  ['x\n a\u001b', '2:3 a control character stands here (take it out)'],
  ['x'.repeat(16_385), '1:1 it is longer than 16384 characters'],
  [
    '```\n{{ subject }}',
    '1:1 it leaves a code fence, a comment or <details> open in stage 1 (close it: what machines read follows)',
  ],
  [
    '{% if stage == 2 %}<!-- {% endif %}x',
    '1:1 it leaves a code fence, a comment or <details> open in stage 2 (close it: what machines read follows)',
  ],
  ['{% for i in (1..1000000000) %}x{% endfor %}', '1:1 it cannot be rendered: memory alloc limit exceeded'],
])('cannot be used: %j', (template, expected) => {
  const known = template === '{{ __proto__ }}' ? checkTemplate(template, 'body')?.message : null;
  if (known === null) check(template, expected);
  else expect(`1:4 ${known}`).toBe(expected);
});

test.each([
  'include "x"',
  'render "x"',
  'layout "x"',
  'block x',
  'cycle "a", "b"',
  'echo subject',
  'capture x',
  'tablerow a in secrets',
  'increment x',
  'liquid echo subject',
])('no tag reads a file or writes past the neutralising: %s', (tag) => {
  expect(checkTemplate(`{% ${tag} %}`, 'body')?.message).toMatch(/^unknown tag /);
});

test.each(['raw', 'date', 'sample', 'json', 'inspect', 'where_exp', 'escape', 'strip_html', 'sha256'])(
  'no such filter: %s',
  (filter) => {
    expect(checkTemplate(`{{ subject | ${filter} }}`, 'body')?.message).toBe(`unknown filter ${filter}`);
  },
);

test('a line has one line, and neither sections nor code', () => {
  check('{{ subject }}\nx', '1:1 it has more than one line (join its lines)', 'line');
  check('{{ subject }}\n', '', 'line');
  expect(checkTemplate('{{ sections.opening }}', 'line')?.message).toBe('unknown variable sections');
  expect(checkTemplate('{{ subject | code }}', 'line')?.message).toBe('unknown filter code');
});

test('what runs away is stopped within a second', () => {
  const loops =
    '{% for i in (1..1000) %}{% for j in (1..1000) %}{% for k in (1..1000) %}{% endfor %}{% endfor %}{% endfor %}';
  const begin = performance.now();
  expect(checkTemplate(loops, 'body')?.message).toBe('it cannot be rendered: template render limit exceeded');
  expect(performance.now() - begin).toBeLessThan(5000);
  const wide = `{% for i in (1..200) %}${'x'.repeat(16_000)}{% endfor %}`;
  expect(checkTemplate(wide, 'body')?.message).toBe('it cannot be rendered: it writes more than 1000000 characters');
});

test.each(['body', 'line'] as const)(
  'every variable of the list is a fact of a %s, and every fact is in the list',
  (place) => {
    const known = VARIABLES.filter((one) => one.place === undefined || one.place === place);
    for (const about of sampleSubjects()) {
      const facts = templateFacts(about, place, 100);
      expect(Object.keys(facts).toSorted()).toEqual(known.map(({ name }) => name).toSorted());
      for (const { name, kind, properties = [] } of known)
        expect([name, shapeOf(facts[name])]).toEqual([
          name,
          kind === 'list' && isEmpty(facts[name])
            ? []
            : kind === 'text'
              ? whatTextIs(name, about)
              : kind === 'number'
                ? 'number'
                : [...properties].toSorted(),
        ]);
    }
  },
);

/** Groups that are not split have no part. */
function whatTextIs(name: string, { part }: ReturnType<typeof sampleSubjects>[number]): string {
  return name === 'part' && part === undefined ? 'nothing' : 'string';
}

function isEmpty(fact: unknown): boolean {
  return Array.isArray(fact) && fact.length === 0;
}

/** A type, or the names of the properties of it or of its first item. */
function shapeOf(fact: unknown): string | readonly string[] {
  const [item] = Array.isArray(fact) ? (fact as readonly unknown[]) : [fact];
  if (item === null) return 'nothing';
  if (item === undefined || (Array.isArray(fact) && typeof item !== 'object')) return [];
  return typeof item === 'object' ? Object.keys(item).toSorted() : typeof item;
}

test('the language is closed', () => {
  expect(LANGUAGE.tags).toEqual(['if', 'unless', 'case', 'for', 'break', 'continue', 'assign', 'comment', 'raw']);
  expect(LANGUAGE.filters).toContain('code');
  expect(LANGUAGE.filters.filter((filter) => ['raw', 'date', 'json'].includes(filter))).toEqual([]);
});
