import { expect, test } from 'vitest';
import { ORDER } from '../../../src/domain/policy.ts';
import { dueRestarts } from '../../../src/plan/restart/due-restarts.ts';
import { everything, type Scope } from '../../../src/plan/scope.ts';
import { applied, es, type Files, indexOf, lines, type Meta, moved, planOf, tok, workload } from '../repository.ts';

const WAVE = 'argocd.argoproj.io/sync-wave';

const APPLICATION = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: a, namespace: argocd}
spec:
  destination: {namespace: app}
  source: {repoURL: "https://github.com/acme/gitops.git", targetRevision: HEAD, path: apps}
`;

/** Workload `w`, fed by `x` (secret `db`) and `y` (secret `web`); the restart for `web` 2 is merged as announced, and not made. */
function pending(x: Meta['annotations'], y: Meta['annotations'], scope: Partial<Scope>): Files {
  const files = {
    'argocd/a.yaml': APPLICATION,
    'apps/x.yaml': es('x', ['db'], { annotations: { ...x }, token: tok('db=1@1') }),
    'apps/y.yaml': es('y', ['web'], { annotations: { ...y }, token: tok('web=1@1') }),
    'apps/w.yaml': workload('Deployment', 'w', ['x', 'y']),
  };
  const { plan } = planOf(files, { wishes: [moved('web')], truth: { web: 2 }, scope });
  const base = applied(files, plan.edits);
  expect(dueIn(base, scope)).toEqual(['x y']);
  return base;
}

/** What each due restart is for. */
function dueIn(files: Files, scope: Partial<Scope>): readonly string[] {
  const { groups } = dueRestarts(indexOf(files), { ...everything('staged'), ...scope });
  return groups.flatMap(({ restarts }) => restarts.map(({ changed }) => changed.join(' ')));
}

/** `db` rotates, too: what is written on the workload, the code of what is said of the gate, and what is due once that is merged. */
function bump(base: Files, scope: Partial<Scope>) {
  const { plan } = planOf(base, { wishes: [moved('db')], truth: { db: 2 }, scope });
  const note = plan.edits.flatMap(({ notes }) => notes).find(({ code }) => code.endsWith('gated'));
  const written = lines(plan).flatMap((line) => /^1 Deployment\/w: (\w+)/.exec(line)?.[1] ?? []);
  return { written, note: note?.code, due: dueIn(applied(base, plan.edits), scope) };
}

test('gated: a restart that is due for what is not proven is not made along with one that is', () => {
  const scope = { order: 'gated' } as const;
  const base = pending({ [WAVE]: '-1' }, {}, scope);
  expect(bump(base, scope)).toEqual({ written: ['due'], note: 'not-gated', due: ['x y'] });
});

test('gated: once that is proven, too, one commit makes both', () => {
  const scope = { order: 'gated' } as const;
  const base = pending({ [WAVE]: '-1' }, {}, scope);
  const text = base['apps/y.yaml'] ?? '';
  const proven = { ...base, 'apps/y.yaml': text.replace('annotations:\n', `annotations:\n    ${WAVE}: "-1"\n`) };
  expect(bump(proven, scope)).toEqual({ written: ['due', 'template'], note: 'gated', due: [] });
});

test('together on one ExternalSecret does not make the restart that another one waits with', () => {
  const base = pending({ [ORDER]: 'together' }, {}, {});
  expect(bump(base, {})).toEqual({ written: ['due'], note: undefined, due: ['x y'] });
});

test('what only refreshes announces nothing, whatever is due', () => {
  const base = pending({ [ORDER]: 'refreshOnly' }, {}, {});
  expect(bump(base, {})).toEqual({ written: [], note: undefined, due: ['x y'] });
});
