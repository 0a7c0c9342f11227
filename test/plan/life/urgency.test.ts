import { expect, test } from 'vitest';
import { isUrgentWork, workOfEdits, workOfRestarts } from '../../../src/plan/life/urgency.ts';
import { dueRestarts } from '../../../src/plan/restart/due-restarts.ts';
import { everything } from '../../../src/plan/scope.ts';
import { es, FAR, type Files, HOME, indexOf, moved, planOf, tok, workload } from '../repository.ts';

const URGENT = { 'gitops-reloader.dev/urgent': 'true' };
const PLACES = [HOME, FAR];

/** Whether a bump of `db` is urgent in these files, where the configuration names the secrets that `named` fits. */
function urgent(files: Files, named: (names: readonly string[]) => boolean = () => false): boolean {
  const index = indexOf(files);
  const { plan } = planOf(index, { wishes: [moved('db')], truth: { db: 2 } });
  expect(plan.edits.length).toBeGreaterThan(0);
  return isUrgentWork({ index, places: PLACES, isUrgentName: named }, workOfEdits(plan.edits));
}

test('by the annotation on what is bumped, and on no other object', () => {
  expect(urgent({ 'a.yaml': es('a', ['db'], { annotations: URGENT }) })).toBe(true);
  expect(urgent({ 'a.yaml': es('a', ['db']), 'b.yaml': es('b', ['other'], { annotations: URGENT }) })).toBe(false);
  expect(urgent({ 'a.yaml': es('a', ['db'], { annotations: { 'gitops-reloader.dev/urgent': 'yes' } }) })).toBe(false);
});

test('a namesake in another place is another secret', () => {
  expect(urgent({ 'a.yaml': es('a', ['db']), 'b.yaml': es('b', ['far:db'], { annotations: URGENT }) })).toBe(false);
});

test('by a name of the configuration', () => {
  const files = { 'a.yaml': es('a', ['db', 'calm']) };
  expect(urgent(files, (names) => names.includes('db'))).toBe(true);
  expect(urgent(files, (names) => names.includes('calm'))).toBe(false);
});

function urgentRestart(annotations: Readonly<Record<string, string>>, named: string | null = null): boolean {
  const due = { 'gitops-reloader.dev/restart-due': 'a=0123456789ab' };
  const index = indexOf({
    'a.yaml': es('a', ['db'], { annotations, token: tok('db=2@2') }),
    'api.yaml': workload('Deployment', 'api', ['a'], { annotations: due }),
  });
  const restarts = dueRestarts(index, everything('staged')).groups.flatMap((group) => group.restarts);
  expect(restarts).toHaveLength(1);
  const isUrgentName = (names: readonly string[]) => named !== null && names.includes(named);
  return isUrgentWork({ index, places: PLACES, isUrgentName }, workOfRestarts(restarts));
}

test('a restart is as urgent as what feeds it', () => {
  expect(urgentRestart({})).toBe(false);
  expect(urgentRestart(URGENT)).toBe(true);
  expect(urgentRestart({}, 'db')).toBe(true);
  expect(urgentRestart({}, 'other')).toBe(false);
});

test('what is no key of a secret is not urgent', () => {
  const index = indexOf({ 'a.yaml': es('a', ['db'], { annotations: URGENT }) });
  const facts = { index, places: PLACES, isUrgentName: () => false };
  for (const key of ['', '=', 'a b', 'x'.repeat(5000), 'db\n', '[', 'find#0123456789abcdef']) {
    expect(isUrgentWork(facts, { objects: [], secrets: [key] })).toBe(false);
  }
  expect(isUrgentWork(facts, { objects: [], secrets: ['111122223333:eu-west-1:db'] })).toBe(true);
});
