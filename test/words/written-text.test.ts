import { expect, test } from 'vitest';
import type { Edit, OverlayPatch } from '../../src/plan/plan.ts';
import { unwrittenText, writtenText } from '../../src/words/written-text.ts';
import { repoPath } from '../manifests/repository.ts';
import { EDIT } from './sample-plans.ts';

function edit(path: string): Edit {
  return { ...EDIT, path: repoPath(path) };
}

function check(before: string, after: string, expected: string): void {
  expect(writtenText([{ path: 'a.yaml', before, after }], [edit('a.yaml')])).toBe(`1 file(s) written: ${expected}`);
}

test('lines are counted as a diff shows them', () => {
  expect(writtenText([], [])).toBe('0 file(s) written: nothing is to be changed');
  const none = '0 of them parent keys that were missing';
  check('a: 1\nb: 2\n', 'a: 3\nb: 2\n', `1 edit(s), 1 line(s) changed or added, ${none}`);
  const parents = 'a: 1\n- metadata:\n    "annotations":\r\n      x: "1"\n';
  check('a: 1\n', parents, '1 edit(s), 3 line(s) changed or added, 2 of them parent keys that were missing');
  check('a: 1', 'a: 1\nb: 2', `1 edit(s), 2 line(s) changed or added, ${none}, 1 that only end otherwise`);
  check(
    '{\n"a": 1\n}',
    '{\n"a": 1,\n"b": 2\n}',
    `1 edit(s), 2 line(s) changed or added, ${none}, 1 that only end otherwise`,
  );
});

test('a patch file that is made for an overlay, and the lines that list it, are counted by themselves', () => {
  const patch = repoPath('o/gitops-reloader.patch.yaml');
  const kustomization = repoPath('o/kustomization.yaml');
  const overlay: OverlayPatch = {
    manifest: repoPath('base/es.yaml'),
    kustomization,
    file: 'absent',
    apiVersion: 'external-secrets.io/v1',
    namespace: null,
  };
  const files = [
    { path: patch, before: null, after: 'kind: ExternalSecret\nmetadata:\n  annotations:\n    force-sync: x\n' },
    { path: kustomization, before: 'resources: []\n', after: `resources: []\npatches:\n  - path: ${patch}\n` },
  ];
  expect(writtenText(files, [{ ...edit(patch), overlay }])).toBe(
    '2 file(s) written: 1 edit(s), 0 line(s) changed or added, 0 of them parent keys that were missing, 1 new patch file(s), 2 line(s) to list them',
  );
});

test('a plan that is not written ends with what it came to', () => {
  const plan = { edits: [edit('a.yaml'), edit('a.yaml')], skips: [] };
  expect(unwrittenText(plan, [{ path: 'a.yaml', before: 'a', after: 'b' }])).toBe(
    'nothing is written: 2 edit(s) in 1 file(s), 0 object(s) left alone',
  );
});
