import { describe, expect, test } from 'vitest';
import { type AnnotationEdit, editAnnotations, editWhatCanBe } from '../../src/manifests/edit-annotations.ts';
import { check } from './edit-checks.ts';
import { edit, hole, restart, secret } from './edit-oracle.ts';

function checkLines(text: string, edits: readonly AnnotationEdit[], lines: readonly number[]): void {
  expect(editWhatCanBe(text, edits).lines).toEqual(lines);
}

describe('lines', () => {
  test('names the lines that are new or changed', () => {
    checkLines(secret('spec: {}\n'), [edit()], [4, 5]);
    checkLines(secret('  annotations:\n    force-sync: "1"\n'), [edit()], [5]);
    checkLines(secret('  annotations:\n    force-sync: |\n      1\n      2\n'), [edit()], [5]);
    checkLines(secret('').trimEnd(), [edit()], [4, 5]);
    checkLines('{\n"kind": "ExternalSecret",\n"metadata": {\n"name": "db"\n}}', [edit()], [4, 5]);
    checkLines(secret(''), [edit({ annotation: 'b' }), edit({ annotation: 'a' })], [4, 5, 6]);
    checkLines(`${secret('')}---\n${secret('')}`, [edit({ document: 1 }), edit()], [4, 5, 10, 11]);
    const twice = [edit({ annotation: 'a' }), edit({ annotation: 'b' }), edit({ document: 1 })];
    checkLines(`${secret('')}---\n${secret('')}`, twice, [4, 5, 6, 11, 12]);
    checkLines(secret('  annotations: {force-sync: "new"}\n'), [edit()], []);
  });
});

describe('a field of spec, and a pod template elsewhere', () => {
  const at = edit({
    kind: 'Rollout',
    name: 'r',
    target: 'spec',
    annotation: 'restartAt',
    value: '2026-01-20T10:00:01Z',
  });

  test('restartAt is replaced or added, beside another edit of the same object', () => {
    check(
      rollout('spec:\n  restartAt: 2026-01-01T00:00:00Z # by hand\n  a: 1\n'),
      at,
      rollout('spec:\n  restartAt: "2026-01-20T10:00:01Z" # by hand\n  a: 1\n'),
    );
    check(rollout('spec:\n  a: 1\n'), at, rollout('spec:\n  a: 1\n  restartAt: "2026-01-20T10:00:01Z"\n'));
    check(rollout('spec: {a: 1}\n'), at, rollout('spec: {a: 1, restartAt: "2026-01-20T10:00:01Z"}\n'));
    const own = edit({ kind: 'Rollout', name: 'r', annotation: 'x/versions', value: 'y' });
    check(
      rollout('  annotations:\n    a: b\nspec:\n  restartAt: null\n'),
      [own, at],
      rollout('  annotations:\n    a: b\n    x/versions: "y"\nspec:\n  restartAt: "2026-01-20T10:00:01Z"\n'),
    );
  });

  test('what is no map, or is not there, is refused', () => {
    for (const spec of ['', 'spec: text\n', 'spec: [a]\n', 'spec: *a\n', 'spec: {restartAt: [a]}\n']) {
      expect(editAnnotations(rollout(spec), [at]).kind).toBe('refused');
    }
  });

  test('the template stands where the edit says', () => {
    const thing = restart({ kind: 'Thing', name: 't', template: ['spec', 'pods', 'main'], value: 'y' });
    const text = hole(
      'kind: Thing\nmetadata:\n  name: t\nspec:\n  template: {}\n  pods:\n    main:\n§      spec: {}\n',
    );
    check(text(''), thing, text('      metadata:\n        annotations:\n          x/versions: "y"\n'));
    expect(editAnnotations(text(''), [{ ...thing, template: ['spec', 'nowhere'] }]).kind).toBe('refused');
    expect(editAnnotations(text(''), [{ ...thing, template: ['__proto__'] }]).kind).toBe('refused');
  });
});

function rollout(spec: string): string {
  return `kind: Rollout\nmetadata:\n  name: r\n${spec}`;
}
