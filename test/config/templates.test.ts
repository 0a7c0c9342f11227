import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/domain/problem.ts';
import { load, MINIMAL, swap } from './samples.ts';

const FORGE = '      forge: ';

/** The least configuration with these lines in its repository. */
function withLines(...lines: readonly string[]): string {
  return swap(MINIMAL, FORGE, `${lines.map((line) => `      ${line}\n`).join('')}${FORGE}`);
}

function check(lines: readonly string[], expected: readonly string[]): void {
  const loaded = loadConfig(withLines(...lines), 'config.yaml');
  const problems = loaded.kind === 'problems' ? loaded.problems.map(formatProblem) : [];
  expect(problems.map((problem) => problem.replace(/^config\.yaml:\d+:/, ''))).toEqual(expected);
}

test('a template of several lines stays as it is written', () => {
  const config = load(
    withLines('pullRequest:', '  body: |', '    {{ sections.opening }}', '', '    {{ sections.rollback }}'),
  );
  expect(config.repositories[0]?.pullRequest.body).toBe('{{ sections.opening }}\n\n{{ sections.rollback }}\n');
});

test.each([
  [
    ['pullRequest: {title: "{{ subjet }}"}'],
    '28: spec.repositories[0].pullRequest.title must be a template that can be used (line 1, column 4 of it: unknown variable subjet; did you mean subject?)',
  ],
  [
    ['pullRequest:', '  body: |', '    {{ subject }}', '    {% include "x" %}'],
    '15: spec.repositories[0].pullRequest.body must be a template that can be used (line 2, column 1 of it: unknown tag include; known here: #, assign, break, case, comment, continue, for, if, raw, unless)',
  ],
  [
    ['commit: {subject: "{{ sections.opening }}"}'],
    '25: spec.repositories[0].commit.subject must be a template that can be used (line 1, column 4 of it: unknown variable sections; known here: base, branch, counts, drops, events, group, instance, noun, objects, order, owners, part, refreshes, repository, secrets, settle, skipped, stage, statuses, subject, workloads)',
  ],
  [['pullRequest: {title: [a]}'], '28: spec.repositories[0].pullRequest.title must be a template that can be used'],
])('refused where it stands: %j', (lines, expected) => {
  check(lines, [expected]);
});

test.each(['/etc/passwd', '../body.md', 'a/../b', './a', 'a//b', 'a\\b', ''])(
  'no file below the folder: %j',
  (path) => {
    check(
      [`pullRequest: {bodyFile: '${path}'}`],
      [
        "31: spec.repositories[0].pullRequest.bodyFile must be a file below the configuration's folder, such as templates/body.md",
      ],
    );
  },
);

test('a body has one template', () => {
  check(
    ["pullRequest: {body: 'x', bodyFile: body.md}"],
    [
      '42: spec.repositories[0].pullRequest.body and spec.repositories[0].pullRequest.bodyFile are two templates of one text (keep one of them)',
    ],
  );
});
