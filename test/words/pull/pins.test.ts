import { expect, test } from 'vitest';
import type { Pin } from '../../../src/domain/policy.ts';
import { followPins } from '../../../src/manifests/indexing/pins/follow-pins.ts';
import { planText } from '../../../src/words/plan-text.ts';
import { fingerprintOf } from '../../../src/words/pull/same-effects.ts';
import { pullRequestText } from '../../../src/words/pull-request.ts';
import { es, type Files, indexOf, moved, planOf, v, workload } from '../../plan/repository.ts';

function planned(files: Files, pin: Pin) {
  const scope = { pin };
  return planOf(followPins(indexOf(files), pin), { wishes: [moved('db')], truth: { db: 2 }, scope }).plan;
}

/** What a pull request says under a heading. */
function said(heading: string, files: Files, pin: Pin = 'version'): string {
  const about = { events: [], order: 'staged', stage: 1, settleMilliseconds: 0, refreshedBy: [] } as const;
  const { body } = pullRequestText({ ...about, plan: planned(files, pin) });
  return body.split(`### ${heading}\n\n`)[1]?.split('\n\n###')[0] ?? '';
}

const FIRST = { 'x.yaml': es('x', ['db']) };
const AGAIN = { 'x.yaml': es('x', [`db#uuid/${v(1)}`]) };
const PARTLY = { 'x.yaml': es('x', ['db', 'db#AWSPREVIOUS']) };
const NAMED = { ...FIRST, 'api.yaml': workload('Deployment', 'api', ['x']) };

test('an approval is binding where all is pinned, and from when', () => {
  expect(said('What this approves', AGAIN)).toContain('- Binding: `remoteRef.version` names the version');
  expect(said('What this approves', AGAIN)).not.toContain('refreshInterval');
  expect(said('What this approves', AGAIN)).not.toContain('What was not pinned before');
  expect(said('What this approves', FIRST)).toContain('What was not pinned before may have taken the new version');
  expect(said('What this approves', PARTLY)).toContain('Binding for what the table above shows as pinned');
  expect(said('What this approves', PARTLY)).toContain(
    'Not binding for <code>ExternalSecret app/x</code>: the new value is also taken at the next refresh',
  );
  expect(said('What this approves', FIRST, 'none')).not.toContain('remoteRef.version');
});

test('a revert is a rollback where all is pinned', () => {
  expect(said('Roll back', AGAIN)).toContain('fetches the version that was pinned before, as long as AWS has it.');
  expect(said('Roll back', AGAIN)).not.toContain('whatever AWS then calls current');
  expect(said('Roll back', FIRST)).toContain('What was not pinned before follows AWSCURRENT again.');
  expect(said('Roll back', PARTLY)).toContain('whatever AWS then calls current');
});

test('what gets a new name restarts by that', () => {
  expect(said('What restarts', NAMED, 'name')).toContain('by the new name of their Secret in the same commit');
  expect(said('What restarts', NAMED)).toContain('Nothing by this merge');
});

test('a plan shows each pin; other pins are another effect', () => {
  expect(planText(planned(AGAIN, 'version'))).toContain(`    spec.data[0].remoteRef.version: uuid/${v(2)}\n`);
  expect(planText(planned(AGAIN, 'version'))).toContain('Approval is binding: spec.data[0].remoteRef.version is uuid/');
  const prints = [FIRST, PARTLY].map((files) => fingerprintOf(planned(files, 'version').edits));
  expect(prints[0]).not.toBe(fingerprintOf(planned(FIRST, 'none').edits));
});
