import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ORDERS } from '../../src/domain/policy.ts';
import { followPins } from '../../src/manifests/indexing/pins/follow-pins.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { planText } from '../../src/words/plan-text.ts';
import { MAX_BODY_LENGTH, pullRequestText } from '../../src/words/pull-request.ts';
import { ROTATION, readEvents, readTrailers, rotationsOf } from '../../src/words/trailers.ts';
import { es, indexOf, moved, planOf, workload } from '../plan/repository.ts';
import { golden } from './golden.ts';
import { HOME, harmlessMarkdown } from './hostile.ts';
import { EVENTS, gatedPlan, HOSTILE, hostileEvent, hostilePlan, stageOne, stageTwo } from './sample-plans.ts';

test.each(ORDERS)('a pull request for order %s', (order) => {
  const { title, body } = pullRequestText({
    plan: stageOne(order),
    events: EVENTS,
    order,
    stage: 1,
    settleMilliseconds: 360_000,
    refreshedBy: [],
  });
  golden(`pull-request-${order}.md`, `${title}\n\n${body}`);
});

test('a pull request whose restarts wait by a wave, beside one that is announced', () => {
  const plan = gatedPlan();
  const about = { events: EVENTS, order: 'gated', stage: 1, settleMilliseconds: 360_000, refreshedBy: [] } as const;
  const { title, body } = pullRequestText({ ...about, plan });
  golden('pull-request-gated-by-waves.md', `${title}\n\n${body}`);
});

test('a pull request for stage two', () => {
  const { title, body } = pullRequestText({
    plan: stageTwo(),
    events: [],
    order: 'staged',
    stage: 2,
    settleMilliseconds: 360_000,
    refreshedBy: [],
  });
  golden('pull-request-stage-two.md', `${title}\n\n${body}`);
});

test('same plan, same text, whatever the order of the events', () => {
  const plan = stageOne('staged');
  const [one, other] = [EVENTS, EVENTS.toReversed()].map((events) =>
    pullRequestText({ plan, events, order: 'staged', stage: 1, settleMilliseconds: 360_000, refreshedBy: [] }),
  );
  expect(one).toEqual(other);
});

test('nothing that restarts, and nothing that is left alone', () => {
  const [edit] = stageOne('staged').edits;
  const plan: Plan = { edits: edit === undefined ? [] : [edit], skips: [] };
  const text = (order: (typeof ORDERS)[number]) =>
    pullRequestText({ plan, events: [], order, stage: 1, settleMilliseconds: 360_000, refreshedBy: [] }).body;
  expect(text('staged')).toContain('### What restarts\n\nNothing: no workload');
  expect(text('refreshOnly')).toContain('configured to refresh only');
  expect(text('staged')).not.toContain('### What is left alone');
  for (const order of ORDERS) expect(text(order)).not.toMatch(/announced|--stage 2|follow/);
});

test('restart markers that are due are told beside workloads, each once', () => {
  const plan = stageOne('staged');
  const note = { code: 'restart-marker' as const, reason: 'The restart marker on a (b.yaml:1) is due.', hint: null };
  const edits = plan.edits.map((edit) => (edit.kind === 'ExternalSecret' ? { ...edit, notes: [note] } : edit));
  const about = { events: [], order: 'staged', stage: 1, settleMilliseconds: 360_000, refreshedBy: [] } as const;
  const { body } = pullRequestText({ ...about, plan: { edits, skips: [] } });
  expect(body).toContain('`restart-due` only announces a restart on 2 workloads (<code>Deployment');
  expect(body).toContain('By inline markers: 1 restart marker will be due, and a second pull request proposes it.');
});

test('the text says when announced restarts are proposed, and who makes them', () => {
  const { body } = pullRequestText({
    plan: stageOne('staged'),
    events: [],
    order: 'staged',
    stage: 1,
    settleMilliseconds: 360_000,
    refreshedBy: [],
  });
  expect(body).toContain(
    'Nothing by this merge: `restart-due` only announces a restart on 2 workloads (<code>Deployment',
  );
  expect(body).toContain('About 6 minutes after the merge a second pull request proposes it, for a person to merge.');
  expect(body).toContain('- It restarts nothing:');
});

test('workloads that restart by the new name of their Secret come neither later nor too early', () => {
  const files = { 'x.yaml': es('x', ['db']), 'api.yaml': workload('Deployment', 'api', ['x']) };
  const ask = { wishes: [moved('db')], truth: { db: 2 }, scope: { pin: 'name' } } as const;
  const { plan } = planOf(followPins(indexOf(files), 'name'), ask);
  const about = { events: [], order: 'staged', stage: 1, settleMilliseconds: 360_000, refreshedBy: [] } as const;
  const { body } = pullRequestText({ ...about, plan });
  expect(body).toContain(
    'In this order:\n\n- **First**, by this merge: 1 object is refreshed.\n- **At the same time**, by',
  );
  expect(body).toContain('1 workload restarts. Safe here, whatever is applied first: a pod does not start before');
  expect(body).not.toContain('second pull request');
  expect(planText(plan)).toContain('once the Secret of the new name is there: 1 workload restarts\n');
});

test('a workload that a new name restarts, and that waits for another refresh, is told twice', () => {
  const second = es('y', ['db'], { annotations: { 'gitops-reloader.dev/pin': 'version' } });
  const files = { 'x.yaml': es('x', ['db']), 'y.yaml': second, 'api.yaml': workload('Deployment', 'api', ['x', 'y']) };
  const ask = { wishes: [moved('db')], truth: { db: 2 }, scope: { pin: 'name' } } as const;
  const { plan } = planOf(followPins(indexOf(files), 'name'), ask);
  const about = { events: [], order: 'staged', stage: 1, settleMilliseconds: 360_000, refreshedBy: [] } as const;
  const { body } = pullRequestText({ ...about, plan });
  expect(body).toMatch(/^- \*\*At the same time\*\*, by the same merge: 1 workload restarts\. Safe here/m);
  expect(body).toMatch(/^- \*\*Later\*\*, by a second pull request: 1 workload restarts\./m);
});

test.each([
  [[], 'Only time says'],
  [['clusters/eu/**'], 'Statuses say when the refresh was applied, not time.'],
  [['**/db.yaml'], 'Where statuses are named, they say when the refresh was applied; elsewhere only time says'],
])('who says that a restart may follow, with statuses for %j', (paths, said) => {
  const statuses = paths.length === 0 ? [] : [{ paths, contexts: ['deployed'] }];
  const about = { events: [], order: 'staged', stage: 1, settleMilliseconds: 360_000, refreshedBy: [] } as const;
  const statusPolicy = { statuses, delayMilliseconds: 60_000 };
  const { body } = pullRequestText({ ...about, plan: stageOne('staged'), statusPolicy });
  expect(body).toContain(
    '- **First**, by this merge: 2 objects are refreshed.\n- **Later**, by a second pull request: 2 ',
  );
  expect(body).toContain(`by this commit pods could restart with the old value. ${said}`);
});

test('the diagram draws each way, and none that is not there', () => {
  const { body } = pullRequestText({
    plan: stageOne('staged'),
    events: [],
    order: 'staged',
    stage: 1,
    settleMilliseconds: 360_000,
    refreshedBy: [],
  });
  expect(arrows(body)).toEqual([
    'ExternalSecret/payments-api > Secret/payments-api',
    'ExternalSecret/payments-db > Secret/payments-db',
    'Secret/payments-api > Deployment/api',
    'Secret/payments-db > Deployment/api',
    'Secret/payments-db > StatefulSet/worker',
    'home > ExternalSecret/payments-db',
    'secret prod/payments/db > ExternalSecret/payments-api',
    'secret prod/payments/db > home',
    'secret shared/tls > ExternalSecret/payments-api',
  ]);
  const second = pullRequestText({
    plan: stageTwo(),
    events: [],
    order: 'staged',
    stage: 2,
    settleMilliseconds: 360_000,
    refreshedBy: [],
  });
  expect(arrows(second.body)).toEqual([
    'ExternalSecret/payments-api > Deployment/api',
    'ExternalSecret/payments-db > Deployment/api',
    'ExternalSecret/payments-db > StatefulSet/worker',
  ]);
});

/** Sorted; long names in short. */
function arrows(body: string): readonly string[] {
  const found = diagram(body).map((line) => line.replaceAll(/ *n\d+\["(.*?)"\]/g, '$1').replace(' -->', ' > '));
  return found
    .map((line) =>
      line
        .replaceAll('ClusterSecretStore/home #40;stores.yaml#41;', 'home')
        .replace(/secret \d{12}\S+?;(?=shared|prod)/, 'secret '),
    )
    .toSorted();
}

test('two secrets of one key are two rows', () => {
  const [edit] = hostilePlan('x').edits;
  if (edit === undefined) throw new Error('no edit');
  const other = { ...edit, after: edit.after.replace(/=0000/, '=1111') };
  expect(
    rowsOf(
      pullRequestText({
        plan: { edits: [edit, other], skips: [] },
        events: [],
        order: 'staged',
        stage: 1,
        settleMilliseconds: 360_000,
        refreshedBy: [],
      }).body,
      'Secret',
    ),
  ).toHaveLength(2);
});

// ---------------------------------------------------------------------------------------------------------------------
// Hostile names

test.each(HOSTILE)('harmless, and whole: %j', (text) => {
  const said = pullRequestText({
    plan: hostilePlan(text),
    events: [hostileEvent(text)],
    order: 'staged',
    stage: 1,
    settleMilliseconds: 360_000,
    refreshedBy: [],
  });
  checkHarmless(said);
  harmlessMarkdown(said.body);
});

test('so it is for any text', () => {
  const part = fc.oneof(
    fc.constantFrom(...HOSTILE),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('@', '#', '<', '`', '|', '\n', 'www.', 'GH-1', '://'),
  );
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 5 }).map((parts) => parts.join('')),
      (text) => {
        checkHarmless(
          pullRequestText({
            plan: hostilePlan(text),
            events: [hostileEvent(text)],
            order: 'staged',
            stage: 1,
            settleMilliseconds: 360_000,
            refreshedBy: [],
          }),
        );
      },
    ),
    { numRuns: 100 },
  );
});

/** Rules that hold for every body: our own tags alone, whole tables, one diagram, the trailers last. */
function checkHarmless({ title, body }: { readonly title: string; readonly body: string }): void {
  const plain = body.replaceAll(/<\/?(?:code|details|summary)>|<!-- -->/g, '');
  expect(plain).not.toMatch(/<|@|!\[|\]\(|\]\[|:\/\/|&(?!#\d+;)/);
  expect(body.replaceAll(/<code>.*?<\/code>/g, '')).not.toMatch(/&#(?:64|35);(?!<!-- -->)/);
  expect(body).not.toMatch(/[\p{Cf}\p{Cs}\u2028\u2029]|[^\P{Cc}\n]/u);
  expect(body.split('```')).toHaveLength(3);
  expect(body).not.toMatch(/~~~|\$\$/);
  for (const [header, columns] of [
    ['Secret', 3],
    ['Object', 4],
  ] as const) {
    for (const row of rowsOf(body, header)) expect(row.split('|')).toHaveLength(columns + 2);
  }
  expect(headings(body)).toEqual([
    'What rotated',
    'What changes',
    'What restarts',
    'What is left alone',
    'What this approves',
    'Roll back',
  ]);
  expect(title).not.toMatch(/[^ -~…]|[@#<`]/);
  expect(readTrailers(body, ROTATION)).toHaveLength(1);
  expect(readEvents(body)).toHaveLength(1);
  for (const line of diagram(body))
    expect(line).toMatch(/^ {2}n\d+\["[A-Za-z0-9 /_.#;…-]*"\] --> n\d+\["[A-Za-z0-9 /_.#;…-]*"\]$/);
}

function headings(body: string): readonly string[] {
  return [...body.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
}

/** The rows of every table with this first column. */
function rowsOf(body: string, header: string): readonly string[] {
  const tables = body.split('\n\n').filter((part) => part.startsWith(`| ${header} |`));
  return tables.flatMap((table) => table.split('\n').slice(2));
}

function diagram(body: string): readonly string[] {
  const [, inside = ''] = body.split('```');
  return inside.split('\n').slice(2, -1);
}

// ---------------------------------------------------------------------------------------------------------------------
// Size

test.each([
  ['plain names', 'payments-db'],
  ['names of 512 signs', 'x'.repeat(512)],
  ['hostile names of 512 signs', '|<@#`\u202e😀\n'.repeat(64)],
])('5,000 objects with %s fit into a body', (_, text) => {
  const plan = hostilePlan(text, 2500);
  expect(plan.edits).toHaveLength(5000);
  const made = pullRequestText({
    plan,
    events: [hostileEvent(text)],
    order: 'staged',
    stage: 1,
    settleMilliseconds: 360_000,
    refreshedBy: [],
  });
  expect(made.body.length).toBeLessThan(MAX_BODY_LENGTH);
  expect(made.body).toContain('more.');
  expect(headings(made.body)).toContain('Roll back');
  const named = readTrailers(made.body, ROTATION);
  const all = rotationsOf(plan.edits);
  expect(named).toEqual(all.slice(0, named.length));
  expect(made.body).toContain(`The commit names ${all.length - named.length} more.`);
  expect(readEvents(made.body)).toHaveLength(1);
});

test('a table that fits is not cut', () => {
  const { body } = pullRequestText({
    plan: hostilePlan('db', 50),
    events: [],
    order: 'staged',
    stage: 1,
    settleMilliseconds: 360_000,
    refreshedBy: [],
  });
  expect([rowsOf(body, 'Secret').length, rowsOf(body, 'Object').length]).toEqual([50, 150]);
  expect(body).not.toContain('… and');
});

test('a restart says which refresh it belongs to', () => {
  const about = { plan: stageTwo(), events: [], order: 'staged', stage: 2, settleMilliseconds: 360_000 } as const;
  const objects = '<code>ExternalSecret/payments-api</code>, <code>ExternalSecret/payments-db</code>';
  const { body } = pullRequestText({ ...about, refreshedBy: [12, 13] });
  expect(body).toContain(`The refresh of ${objects} was merged with #12, #13, 6 minutes ago at least`);
  const { body: unknown } = pullRequestText({ ...about, refreshedBy: [] });
  expect(unknown).toContain(`The refresh of ${objects} has been on the base branch for 6 minutes at least`);
});

test('the block for machines stands before the trailers, and fits with everything else', () => {
  const about = { events: EVENTS, order: 'staged', stage: 1, settleMilliseconds: 360_000, refreshedBy: [] } as const;
  const { body } = pullRequestText({ ...about, home: HOME, plan: hostilePlan('|<@#`\u202e😀\n'.repeat(64), 300) });
  expect(body.length).toBeLessThan(MAX_BODY_LENGTH);
  expect(body.split('\n\n').at(-2)).toMatch(/^<!-- gitops-reloader: .{100,4096} -->$/);
  expect(readTrailers(body, ROTATION).length).toBeGreaterThan(50);
});
