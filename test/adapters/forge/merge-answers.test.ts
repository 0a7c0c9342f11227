import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGitHubForge } from '../../../src/adapters/forge/github-forge.ts';
import { readMergeFacts } from '../../../src/adapters/forge/merging/read-merge-facts.ts';
import { createLimitedFetch } from '../../../src/adapters/net/limited-fetch.ts';
import { type LoopbackServer, listenOnLoopback } from '../../../src/demo/loopback.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { MergeFacts } from '../../../src/plan/life/merge-facts.ts';
import { signal, TOKEN } from './hub.ts';

// A host that answers whatever a test wants it to, and says where it was asked.
let server: LoopbackServer;
let answer: { readonly body: string; readonly headers?: Readonly<Record<string, string>> };
let asked: string[] = [];

beforeAll(async () => {
  server = await listenOnLoopback((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.writeHead(200, { 'content-type': 'application/json', ...answer.headers }).end(answer.body);
    return Promise.resolve();
  });
});
afterAll(() => server.close());

const HEAD = 'a'.repeat(40);
const PULL = {
  id: 'PR_1',
  number: 1,
  state: 'OPEN',
  isDraft: false,
  headRefOid: HEAD,
  isInMergeQueue: false,
  isMergeQueueEnabled: false,
  autoMergeRequest: null,
  mergeStateStatus: 'CLEAN',
  mergeable: 'MERGEABLE',
  reviewDecision: null,
  latestOpinionatedReviews: { pageInfo: { hasNextPage: false }, nodes: [] },
  commits: { nodes: [{ commit: { oid: HEAD, statusCheckRollup: null } }] },
};
const ALLOWED = {
  mergeCommitAllowed: true,
  squashMergeAllowed: true,
  rebaseMergeAllowed: true,
  autoMergeAllowed: true,
};

test('the answer that the others are made from is fine', async () => {
  expect(await facts({})).toMatchObject({ isOpen: true, head: HEAD, rules: 'satisfied', checks: 'none' });
});

const actor = (__typename: string) => ({ __typename, login: 'acme' });
const review = (state: string, more: object = {}) => ({
  fullDatabaseId: '7',
  state,
  author: { login: 'alice' },
  commit: { oid: HEAD },
  ...more,
});
const reviews = (nodes: readonly unknown[], hasNextPage: unknown = false) => ({
  latestOpinionatedReviews: { pageInfo: { hasNextPage }, nodes },
});
const rollup = (state: unknown, oid = HEAD) => ({
  commits: { nodes: [{ commit: { oid, statusCheckRollup: { state } } }] },
});

const MEANINGS: readonly (readonly [string, object, Partial<MergeFacts>])[] = [
  ['a draft', { isDraft: true, mergeStateStatus: 'DRAFT' }, { isDraft: true, rules: 'blocked' }],
  ['hooks', { mergeStateStatus: 'HAS_HOOKS' }, { rules: 'satisfied' }],
  ['checks that no rule asks for', { mergeStateStatus: 'UNSTABLE' }, { rules: 'satisfied' }],
  ['behind', { mergeStateStatus: 'BEHIND' }, { rules: 'behind' }],
  [
    'a conflict',
    { mergeStateStatus: 'DIRTY', mergeable: 'CONFLICTING' },
    { rules: 'blocked', conflict: 'conflicting' },
  ],
  ['not worked out', { mergeStateStatus: 'UNKNOWN', mergeable: 'UNKNOWN' }, { rules: 'unknown', conflict: 'unknown' }],
  ['words of next year', { mergeStateStatus: 'SHINY', mergeable: 'MAYBE' }, { rules: 'unknown', conflict: 'unknown' }],
  ['words that objects have', { mergeStateStatus: 'constructor' }, { rules: 'unknown' }],
  ['a decision of next year', { reviewDecision: 'SHINY' }, { review: 'required' }],
  ['no decision at all', { reviewDecision: undefined }, { review: 'required' }],
  ['an approval nobody asked for', reviews([review('APPROVED')]), { review: 'approved' }],
  ['changes wanted', reviews([review('APPROVED'), review('CHANGES_REQUESTED')]), { review: 'changes-requested' }],
  ['dismissed', reviews([review('DISMISSED')]), { review: 'not-required', approvals: [] }],
  ['of a ghost', reviews([review('APPROVED', { author: null })]), { approvals: [{ by: 'ghost', commit: HEAD }] }],
  [
    'of a commit that is gone',
    reviews([review('APPROVED', { commit: null })]),
    { approvals: [{ by: 'alice', commit: null }] },
  ],
  [
    'by a name that turns round',
    reviews([review('APPROVED', { author: { login: 'a\u202e\nb' } })]),
    { approvals: [{ by: String.raw`a\u{202e}\u{a}b`, commit: HEAD }] },
  ],
  ['green', rollup('SUCCESS'), { checks: 'passing' }],
  ['red', rollup('ERROR'), { checks: 'failing' }],
  ['expected', rollup('EXPECTED'), { checks: 'pending' }],
  ['a check word of next year', rollup('SHINY'), { checks: 'pending' }],
  ['the checks of another commit', rollup('SUCCESS', 'b'.repeat(40)), { checks: 'pending' }],
  ['no commits', { commits: { nodes: [] } }, { checks: 'pending' }],
  ['auto-merge that is not told', { autoMergeRequest: undefined }, { isAutoMerge: true, isAutoMergeOurs: false }],
  ...[
    null,
    undefined,
    {},
    [],
    'acme',
    { __typename: 'User' },
    { __typename: 'User', login: 7 },
    actor('Organization'),
  ].map((enabledBy): [string, object, object] => [
    `auto-merge by ${JSON.stringify(enabledBy)}`,
    { autoMergeRequest: { enabledBy } },
    { isAutoMerge: true, isAutoMergeOurs: false },
  ]),
  ['auto-merge by somebody else', { autoMergeRequest: { enabledBy: actor('User') } }, { isAutoMergeOurs: false }],
  ['auto-merge by an App', { autoMergeRequest: { enabledBy: actor('Bot') } }, { isAutoMergeOurs: false }],
  ['a queue that is not told', { isMergeQueueEnabled: null }, { hasMergeQueue: true }],
  ['merged', { state: 'MERGED' }, { isOpen: false }],
];
test.each(MEANINGS)('what GitHub says: %s', async (_, fields, expected) => {
  expect(await facts(fields)).toMatchObject(expected);
});

test('more approvals than a page holds stand, whoever they are of', async () => {
  const { approvals, review: decision } = await facts(reviews([], true));
  expect(approvals).toEqual([{ by: 'more than 100 people', commit: null }]);
  expect(decision).toBe('not-required');
  expect((await facts(reviews([], 'no'))).approvals).toHaveLength(1);
});

test('nothing is allowed that is not told', async () => {
  answer = { body: JSON.stringify({ data: { repository: { pullRequest: PULL } } }) };
  expect(await forge().mergeFacts(1, signal())).toMatchObject({ methods: [], mayAutoMerge: false });
});

const SHAPES: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['no data', {}],
  ['data that is null', { data: null }],
  ['errors that are a text', { data: {}, errors: 'x' }],
  ['no pull request, and no word why', { data: { repository: { pullRequest: null } } }],
  ...Object.entries({
    'another number': { number: 2 },
    'no id': { id: null },
    'an id without end': { id: 'x'.repeat(1001) },
    'a head that is no commit': { headRefOid: '--upload-pack=x' },
    'a queue that is a word': { isInMergeQueue: 'false' },
    'reviews that are none': { latestOpinionatedReviews: null },
  }).map(
    ([name, fields]) => [name, { data: { repository: { ...ALLOWED, pullRequest: { ...PULL, ...fields } } } }] as const,
  ),
];
test.each(SHAPES)('refuses %s for an answer', async (_, body) => {
  answer = { body: JSON.stringify(body) };
  expect(await told(forge().mergeFacts(1, signal()))).toMatch(/^forge-rejected later: .*not what GitHub's description/);
});

test('whatever stands in any field, it is read or refused, and never merged by', () => {
  const fields = fc.constantFrom(...Object.keys(PULL));
  fc.assert(
    fc.property(fields, fc.jsonValue({ maxDepth: 4 }), (field, value) => {
      const pullRequest = { ...PULL, mergeStateStatus: 'BLOCKED', [field]: value };
      const read = readMergeFacts({ repository: { ...ALLOWED, pullRequest } }, 1, {
        isPartial: false,
        knowsQueues: true,
      });
      expect(read?.facts.rules ?? 'unknown').not.toBe('satisfied');
      expect(JSON.stringify(read?.facts.approvals ?? []).length).toBeLessThan(1_000_000);
    }),
  );
});

const says = (...errors: readonly object[]) => ({ data: { repository: { pullRequest: null } }, errors });
const REFUSALS: readonly (readonly [string, unknown, string])[] = [
  [
    'not found',
    says({ type: 'NOT_FOUND', message: 'Could not resolve to a PullRequest' }),
    'forge-missing never: could not read what stands between pull request #1 and its base: GitHub refused: Could not resolve to a PullRequest',
  ],
  [
    'no permission',
    says({ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }),
    'forge-denied never',
  ],
  ['a scope', says({ type: 'INSUFFICIENT_SCOPES', message: 'needs repo' }), 'forge-denied never'],
  ['a limit', says({ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }), 'forge-rate-limited later after 60'],
  ['a limit behind others', says({ type: 'NOT_FOUND' }, { type: 'RATE_LIMITED' }), 'forge-rate-limited later after 60'],
  [
    'too much at once',
    says({ message: 'You have exceeded a secondary rate limit.' }),
    'forge-rate-limited later after 60',
  ],
  ['trouble', says({ message: 'Something went wrong while executing your query.' }), 'forge-unreachable later'],
  [
    'a host that is too old',
    says({ extensions: { code: 'undefinedField' }, message: "Field 'isMergeQueueEnabled' doesn't exist" }),
    'forge-rejected never',
  ],
  ['a type of next year', says({ type: 'SHINY', message: 'x' }), 'forge-rejected never'],
  ['a type that objects have', says({ type: 'constructor', message: 'x' }), 'forge-rejected never'],
  ['errors without words', says({}, {}), 'forge-unreachable later'],
  ['an error that is null', { errors: [null] }, 'forge-unreachable later'],
  ['a token in it', says({ type: 'FORBIDDEN', message: `["bad ${TOKEN}"]` }), 'forge-denied never'],
  ['very long words', says({ type: 'FORBIDDEN', message: '['.repeat(100_000) }), 'forge-denied never'],
];
test.each(REFUSALS)('an error of GraphQL: %s', async (_, body, expected) => {
  answer = { body: JSON.stringify(body) };
  const words = await told(forge().mergeFacts(1, signal()));
  expect(words).toContain(expected);
  expect(words.length).toBeLessThan(600);
});

test('GitHub’s clock decides how long a limit lasts', async () => {
  const now = Date.parse('2026-01-02T03:04:05Z');
  const limits = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 1234) };
  answer = {
    body: JSON.stringify({ errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] }),
    headers: { ...limits, date: new Date(now).toUTCString() },
  };
  expect(await told(forge().mergeFacts(1, signal()))).toContain('forge-rate-limited later after 1234');
});

test('checks that this token may not see are awaited; everything else is needed', async () => {
  const path = ['repository', 'pullRequest', 'commits', 'nodes', 0, 'commit', 'statusCheckRollup'];
  const error = { type: 'FORBIDDEN', path, message: 'Resource not accessible by personal access token' };
  answer = { body: JSON.stringify({ data: { repository: { ...ALLOWED, pullRequest: PULL } }, errors: [error] }) };
  expect(await forge().mergeFacts(1, signal())).toMatchObject({ isOpen: true, checks: 'pending' });
  const other = { ...error, path: ['repository', 'pullRequest', 'mergeable'] };
  answer = {
    body: JSON.stringify({ data: { repository: { ...ALLOWED, pullRequest: PULL } }, errors: [error, other] }),
  };
  expect(await told(forge().mergeFacts(1, signal()))).toContain('forge-denied never');
});

test.each([
  ['', 'POST /graphql'],
  ['/', 'POST /graphql'],
  ['/api/v3', 'POST /api/graphql'],
  ['/api/v3/', 'POST /api/graphql'],
])('the address of GraphQL below %j is %s', async (base, expected) => {
  asked = [];
  await facts({}, `${server.url}${base}`);
  expect(asked).toEqual([expected]);
});

async function facts(fields: object, baseUrl = server.url): Promise<MergeFacts> {
  answer = { body: JSON.stringify({ data: { repository: { ...ALLOWED, pullRequest: { ...PULL, ...fields } } } }) };
  return forge(baseUrl).mergeFacts(1, signal());
}

function forge(baseUrl = server.url) {
  const auth = { kind: 'token', token: () => Promise.resolve(TOKEN) } as const;
  return createGitHubForge({ owner: 'acme', repository: 'gitops', baseUrl, auth, fetch: createLimitedFetch() });
}

async function told(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => 'it went through',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  const { code, retry, retryAfterSeconds, message } = error as Failure;
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(TOKEN);
  return `${code} ${retry}${retryAfterSeconds === null ? '' : ` after ${retryAfterSeconds}`}: ${message}`;
}
