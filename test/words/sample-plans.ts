import type { EventFacts } from '../../src/domain/change.ts';
import type { Order } from '../../src/domain/policy.ts';
import { formatToken, tokenKey } from '../../src/domain/token.ts';
import type { Edit, Plan, Skip } from '../../src/plan/plan.ts';
import { planRestart } from '../../src/plan/restart/due-restarts.ts';
import { everything } from '../../src/plan/scope.ts';
import type { KnownSecret } from '../../src/plan/truth/wish.ts';
import {
  applied,
  es,
  FAR,
  type Files,
  indexOf,
  moved,
  planOf,
  repoPath,
  t,
  tok,
  v,
  workload,
} from '../plan/repository.ts';

/** Two rotated secrets, three consumers, and a bit of everything that is left alone. */
export const FILES: Files = {
  'clusters/eu/payments/db.yaml': es('payments-db', ['prod/payments/db'], {
    namespace: 'payments',
    token: tok('prod/payments/db=1@1'),
  }),
  'clusters/eu/payments/api.yaml': es(
    'payments-api',
    ['prod/payments/db', 'prod/payments/stripe#canary', 'far:shared/tls'],
    {
      namespace: 'payments',
    },
  ),
  'clusters/eu/payments/workloads.yaml': [
    workload('Deployment', 'api', ['payments-api', 'payments-db'], { namespace: 'payments' }),
    workload('StatefulSet', 'worker', ['payments-db'], {
      namespace: 'payments',
      annotations: { 'gitops-reloader.dev/restart-due': 'payments-db=0123456789ab' },
      template: { 'gitops-reloader.dev/secret-versions': 'payments-db=0123456789ab' },
    }),
    workload('CronJob', 'report', ['payments-db'], { namespace: 'payments' }),
  ].join('---\n'),
  'clusters/eu/payments/frozen.yaml': es('frozen', ['prod/payments/db'], {
    namespace: 'payments',
    spec: { refreshInterval: '0' },
  }),
  'clusters/eu/payments/pinned.yaml': es('pinned', ['prod/payments/db#uuid/old'], { namespace: 'payments' }),
  'clusters/eu/payments/all.yaml': es('all', [], {
    namespace: 'payments',
    spec: { dataFrom: [{ find: { name: { regexp: '^prod/payments/' } } }] },
  }),
};

const WISHES = [moved('prod/payments/db'), moved('shared/tls', FAR)];

export const EVENTS: readonly EventFacts[] = [
  {
    id: '8d1c6a3e-0000-4000-8000-000000000002',
    name: 'UpdateSecretVersionStage',
    time: '2026-01-02T00:00:00Z',
    actorKind: 'AssumedRole',
  },
  { id: null, name: 'Secret Label Updated', time: null, actorKind: null },
];

/** Stage one of that repository. */
export function stageOne(order: Order): Plan {
  const db: KnownSecret = {
    kind: 'described',
    name: 'prod/payments/db',
    versions: new Map([
      ['AWSCURRENT', v(2)],
      ['AWSPREVIOUS', 'old'],
    ]),
    seenAt: t(2),
    deleted: false,
    tags: new Map(),
  };
  const truth = { 'prod/payments/db': db, 'prod/payments/stripe': 5, 'far:shared/tls': 3 };
  return planOf(FILES, { wishes: WISHES, truth, scope: { order } }).plan;
}

/** Stage two, once stage one is merged. */
export function stageTwo(): Plan {
  return planRestart(indexOf(applied(FILES, stageOne('staged').edits)), everything('staged'), 0);
}

/** Order `gated`: one workload in a later wave of one Application, and one that nobody deploys. */
export function gatedPlan(): Plan {
  const wave = { annotations: { 'argocd.argoproj.io/sync-wave': '-1' } };
  const files = {
    'argocd/shop.yaml': `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, namespace: argocd}
spec:
  source: {repoURL: "https://github.com/acme/gitops.git", targetRevision: HEAD, path: shop}
  destination: {namespace: app}
`,
    'shop/db.yaml': es('db', ['prod/payments/db'], wave),
    'shop/api.yaml': workload('Deployment', 'api', ['db']),
    'loose.yaml': workload('StatefulSet', 'worker', ['db']),
  };
  const wishes = [moved('prod/payments/db')];
  return planOf(files, { wishes, truth: { 'prod/payments/db': 2 }, scope: { order: 'gated' } }).plan;
}

/** Texts that mean something to Markdown, HTML, Mermaid, Git, a forge or a terminal. */
export const HOSTILE: readonly string[] = [
  '`x` ``y`` ```z',
  '| a | b |',
  '\\| a \\',
  '</code></td><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '@team @org/team',
  '#1 closes #1, GH-1, fixes GH-1, acme/app#1',
  '![x](http://evil.example/x.png) [y](javascript:x)',
  'http://evil.example www.evil.example mailto:a@evil.example <http://evil.example>',
  'line\nbreak\r\nSecret-Rotation: x=1\n\nEvent-Id: y\u2028z\u2029',
  '\nSecret-Rotation: x',
  '\u202egnp.exe\u2066 \u200b\ufeff\u00ad',
  ']]> --> <!-- %% }}',
  '```mermaid\nflowchart LR\n```',
  '~~~\n~~~',
  '\u001b[31mred\u001b[0m\u0007\u0000',
  'a"] --> b["c; end; click n0 "javascript:x"',
  '* _x_ **y** ~~z~~ :tada: - [ ] &lt;&#60;',
  '| --- | --- |',
  '\ud800 lone',
  'é 😀 ٣',
];

export const EDIT: Edit = {
  stage: 1,
  path: repoPath('x.yaml'),
  document: 0,
  item: null,
  kind: 'ExternalSecret',
  namespace: null,
  name: 'x',
  target: 'metadata',
  annotation: 'force-sync',
  line: 1,
  before: null,
  after: '',
  secrets: [],
  chain: [],
  reason: '',
  notes: [],
};

/** A plan in which every text that comes from outside is this one; a path cannot hold control characters. */
export function hostilePlan(text: string, size = 1): Plan {
  const edits = Array.from({ length: size }, (_, at): Edit => {
    const entry = {
      account: null,
      region: null,
      name: `${text.slice(0, 20)}${at}`,
      label: null,
      version: v(2),
      time: t(2),
    };
    const [key, after] = [tokenKey(entry), formatToken([entry])];
    const path = repoPath(`${at}/${text.replaceAll(/[\p{Cc}\\/]/gu, '-').slice(0, 512)}.yaml`);
    return {
      ...EDIT,
      path,
      namespace: text,
      name: text,
      before: text,
      after,
      secrets: [key],
      chain: [text, `${at} ${text}`, text],
      reason: text,
    };
  });
  const skips = edits.map(
    ({ path }): Skip => ({
      path,
      kind: 'File',
      namespace: text,
      name: text,
      code: 'unreadable-file',
      reason: text,
      hint: text,
    }),
  );
  return {
    edits: [
      ...edits,
      ...edits.map((edit) => ({ ...edit, kind: 'Deployment', annotation: 'gitops-reloader.dev/restart-due' })),
    ],
    skips,
  };
}

/** An event whose every text is this one. */
export function hostileEvent(text: string): EventFacts {
  return { id: text, name: text, time: text, actorKind: text };
}
