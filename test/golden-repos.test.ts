import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OVERLAY_FILE } from '../src/manifests/edit/overlay/overlay-file.ts';
import type { AnnotationEdit } from '../src/manifests/edit-annotations.ts';
import { branchName } from '../src/plan/group.ts';
import type { Edit } from '../src/plan/plan.ts';
import type { MadePlan } from '../src/service/make-plan.ts';
import {
  applied,
  GOLDEN_REPOSITORIES,
  type GoldenRepository,
  indexTree,
  openGoldenRepository,
  planOn,
  readTree,
  type Tree,
  writeTree,
} from './golden-repositories.ts';
import { judge } from './manifests/edit-oracle.ts';

/**
 * Golden folders: each a rule, with decoys that are nearly what the rule means and must not change. Whole trees are compared,
 * both ways, byte for byte. `UPDATE=1` rewrites what is expected; the difference is reviewed like code.
 */
const UPDATE = process.env['UPDATE'] === '1';

test.each(readdirSync(GOLDEN_REPOSITORIES).toSorted())('%s', async (name) => {
  const golden = openGoldenRepository(name);
  const made = await planOn(golden, golden.before);
  const after = applied(golden.before, made);
  const planFile = join(golden.folder, 'plan.json');
  const plan = `${JSON.stringify(made.plan, null, 2)}\n`;
  if (UPDATE) {
    writeTree(join(golden.folder, 'expected'), after);
    writeFileSync(planFile, plan);
  }
  expect(asTexts(after)).toEqual(asTexts(readTree(join(golden.folder, 'expected'))));
  expect(plan).toBe(existsSync(planFile) ? readFileSync(planFile, 'utf8') : null);
  checkGroups(golden, made);
  checkEdits(made);
  const { externalSecrets, workloads, problems } = indexTree(golden, golden.before);
  const edited = new Set(made.plan.edits.map(({ path, document, item }) => JSON.stringify([path, document, item])));
  expect(externalSecrets.length + workloads.length + problems.length).toBeGreaterThan(edited.size);
  expect((await planOn(golden, after)).plan.edits).toEqual([]);
});

/** Which branch each edit goes to; only of a case whose configuration says what goes together. */
function checkGroups({ folder, scope: { grouping } }: GoldenRepository, { plan, groups }: MadePlan): void {
  if (grouping.paths.length + grouping.named.length === 0) return;
  const file = join(folder, 'groups.json');
  const told = plan.edits.map(({ path, kind, name, annotation, stage }, at) => ({
    edit: `${path} ${kind}/${name} ${annotation}`,
    branches: (groups[at] ?? []).map((group) =>
      branchName({ prefix: 'gitops-reloader', instance: 'acme', base: 'main', group, stage }),
    ),
  }));
  const text = `${JSON.stringify(told, null, 2)}\n`;
  if (UPDATE) writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

/** Another YAML reader sees the planned annotations alone, at the lines that the plan names. */
function checkEdits({ plan, files }: MadePlan): void {
  for (const { path, before, after } of files) {
    const edits = plan.edits.filter((edit) => edit.path === path);
    // What Kustomize makes of a patch is asked of Kustomize itself.
    const isOverlay = before === null || edits.length === 0 || edits.some(({ overlay }) => overlay !== undefined);
    if (isOverlay) expect(after).toContain(edits.length === 0 ? `- path: ${OVERLAY_FILE}` : 'annotations:');
    else expect([path, judge(before, after, edits.flatMap(asTextEdits))]).toEqual([path, 'exact']);
    const lines = after.split('\n');
    for (const edit of edits)
      expect(lines[edit.line - 1]).toContain(edit.target === 'marker' ? edit.after : edit.annotation);
  }
}

function asTextEdits(edit: Edit): readonly AnnotationEdit[] {
  const { document, item, kind, name, target, keys, template, annotation, after, fields = [] } = edit;
  const own = { document, item, kind, name, ...(template === undefined ? {} : { template }) };
  return [
    { ...own, target, ...(keys === undefined ? {} : { keys }), annotation, value: after },
    ...fields.map((one) => ({ ...own, target: 'field' as const, keys: one.keys, annotation: '', value: one.after })),
  ];
}

function asTexts(tree: Tree): Readonly<Record<string, string>> {
  return Object.fromEntries([...tree].map(([path, bytes]) => [path, bytes.toString('latin1')]));
}
