import { expect } from 'vitest';
import type { Part } from '../../src/domain/grouping/grouping.ts';
import { type AllowedAccount, type Bindings, type KustomizeMode, NO_BINDINGS } from '../../src/domain/policy.ts';
import { parseRepoPath } from '../../src/domain/repo-path.ts';
import { refKey, type SecretRef } from '../../src/domain/secret-id.ts';
import type { Token } from '../../src/domain/token.ts';
import { buildIndex } from '../../src/manifests/build-index.ts';
import { type AnnotationEdit, editWhatCanBe } from '../../src/manifests/edit-annotations.ts';
import type { Index } from '../../src/manifests/graph.ts';
import type { Finds } from '../../src/manifests/indexing/possible-use.ts';
import { readBlob } from '../../src/manifests/read-blob.ts';
import type { Edit, Plan, Skip } from '../../src/plan/plan.ts';
import { planRefresh, type RefreshPlan } from '../../src/plan/plan-refresh.ts';
import { everything, type Scope } from '../../src/plan/scope.ts';
import type { KnownSecret, Truth, Wish } from '../../src/plan/truth/wish.ts';

/** Where the store `home` lies, and where the store `far` does. */
export const HOME = { account: '111122223333', region: 'eu-west-1' };
export const FAR = { account: '444455556666', region: 'us-east-1' };
export const ACCOUNTS: readonly AllowedAccount[] = [HOME, FAR].map(({ account, region }) => ({
  id: account,
  regions: [region],
}));

/** Version and time number `n`; {@link short} shows them as `v1` and `t1`. */
export const v = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const t = (n: number): string => `2026-01-${String(n).padStart(2, '0')}T00:00:00Z`;

/** A token in short: `tok('a=1@2')` has secret `a` at version 1, seen at time 2. */
export function tok(text: string): string {
  return text.replaceAll(/=(\d+)@(\d+)/g, (_, version, time) => `=${v(Number(version))}@${t(Number(time))}`);
}

export function short(text: string): string {
  return text
    .replaceAll(/00000000-0000-4000-8000-(\d{12})/g, (_, digits) => String(Number(digits)))
    .replaceAll(/2026-01-(\d\d)T00:00:00Z/g, (_, day) => String(Number(day)));
}

export type Files = Readonly<Record<string, string>>;

const STORES = [
  ['home', HOME],
  ['far', FAR],
] as const;

/** Both stores, in every repository of these tests unless it brings a file of this name. */
const STORES_FILE = STORES.map(
  ([name, { account, region }]) => `apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: ${name}}
spec: {provider: {aws: {service: SecretsManager, region: ${region}, role: "arn:aws:iam::${account}:role/read"}}}
`,
).join('---\n');

export function indexOf(
  files: Files,
  accounts = ACCOUNTS,
  bindings: Partial<Bindings> = {},
  kustomize: KustomizeMode = 'base',
): Index {
  const all = { 'stores.yaml': STORES_FILE, ...files };
  return buildIndex(
    Object.entries(all).map(([path, text]) => ({
      path: repoPath(path),
      facts: readBlob(new TextEncoder().encode(text)),
    })),
    { accounts, bindings: { ...NO_BINDINGS, ...bindings } },
    [],
    kustomize,
  );
}

export function repoPath(text: string) {
  const path = parseRepoPath(text);
  if (path === null) throw new Error(`not a path: ${text}`);
  return path;
}

export interface Meta {
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

function head(apiVersion: string, kind: string, name: string, { namespace = 'app', annotations, labels }: Meta) {
  return [
    `apiVersion: ${apiVersion}`,
    `kind: ${kind}`,
    'metadata:',
    `  name: ${JSON.stringify(name)}`,
    `  namespace: ${namespace}`,
    ...(labels === undefined ? [] : [`  labels: ${JSON.stringify(labels)}`]),
    ...block('  ', annotations),
  ];
}

function block(indent: string, annotations: Readonly<Record<string, string>> | undefined): readonly string[] {
  if (annotations === undefined) return [];
  return [
    `${indent}annotations:`,
    ...Object.entries(annotations).map(([key, value]) => `${indent}  ${key}: ${JSON.stringify(value)}`),
  ];
}

/**
 * An ExternalSecret. A key is `[far:]<key>[#<version>]`; `spec` is merged into its spec.
 */
export function es(
  name: string,
  keys: readonly string[],
  { token, spec = {}, ...meta }: Meta & { readonly token?: string; readonly spec?: object } = {},
): string {
  const data = keys.map((written, at) => {
    const [, far, key = '', , version] = /^(far:)?([^#]*)(#(.*))?$/s.exec(written) ?? [];
    return {
      secretKey: `k${at}`,
      remoteRef: { key, ...(version === undefined ? {} : { version }) },
      ...(far === undefined ? {} : { sourceRef: { storeRef: { kind: 'ClusterSecretStore', name: 'far' } } }),
    };
  });
  const annotations = token === undefined ? meta.annotations : { ...meta.annotations, 'force-sync': token };
  return [
    ...head('external-secrets.io/v1', 'ExternalSecret', name, {
      ...meta,
      ...(annotations === undefined ? {} : { annotations }),
    }),
    `spec: ${JSON.stringify({ secretStoreRef: { kind: 'ClusterSecretStore', name: 'home' }, data, ...spec })}`,
    '',
  ].join('\n');
}

const GROUPS: Readonly<Record<string, string>> = {
  CronJob: 'batch/v1',
  Job: 'batch/v1',
  Rollout: 'argoproj.io/v1alpha1',
};

/** A workload that takes its environment from these Secrets. `pod` replaces its pod's spec. */
export function workload(
  kind: string,
  name: string,
  secrets: readonly string[],
  { template, pod, ...meta }: Meta & { readonly template?: Meta['annotations']; readonly pod?: object } = {},
): string {
  const envFrom = secrets.map((secret) => ({ secretRef: { name: secret } }));
  const spec = JSON.stringify(pod ?? { containers: [{ name: 'main', envFrom }] });
  const rows = ['template:', '  metadata:', '    labels: {app: x}', ...block('    ', template), `  spec: ${spec}`];
  const inside = kind === 'CronJob' ? ['jobTemplate:', '  spec:', ...rows.map((line) => `    ${line}`)] : rows;
  const apiVersion = GROUPS[kind] ?? 'apps/v1';
  return [...head(apiVersion, kind, name, meta), 'spec:', ...inside.map((line) => `  ${line}`), ''].join('\n');
}

/** A secret that moved. `label` null looks at all of them. */
export function moved(name: string, more: Partial<LabelWish> = {}): LabelWish {
  const secret = { service: 'secretsmanager', ...HOME, names: [name], suffix: null } as const;
  return { ...secret, kind: 'label', label: 'AWSCURRENT', moved: true, ...more };
}

type LabelWish = Extract<Wish, { readonly kind: 'label' }>;

/** A secret that is merely looked at. */
export function looked(name: string, more: Partial<LabelWish> = {}): LabelWish {
  return moved(name, { label: null, moved: false, ...more });
}

/** What DescribeSecret says: AWSCURRENT is version `n`, seen at time `n` unless said otherwise. */
export function described(
  name: string,
  n: number,
  more: {
    readonly at?: number;
    readonly labels?: Readonly<Record<string, number>>;
    readonly deleted?: boolean;
    readonly tags?: Readonly<Record<string, string>>;
  } = {},
): KnownSecret {
  const labels = Object.entries({ AWSCURRENT: n, ...more.labels }).map(([label, one]) => [label, v(one)] as const);
  return {
    kind: 'described',
    name,
    versions: new Map(labels),
    seenAt: t(more.at ?? n),
    deleted: more.deleted ?? false,
    tags: new Map(Object.entries(more.tags ?? {})),
  };
}

export function claimed(n: number, at = n, label = 'AWSCURRENT'): KnownSecret {
  return { kind: 'claimed', versions: new Map([[label, { version: v(n), seenAt: t(at) }]]) };
}

export const ref = (id: string, place = HOME): SecretRef => ({ service: 'secretsmanager', ...place, id });

/** What is known, by key as written; a number is a version that AWS describes. `far:` is in the other account. */
function truthOf(known: Readonly<Record<string, KnownSecret | number>>): Truth {
  return new Map(
    Object.entries(known).map(([written, one]) => {
      const far = written.startsWith('far:');
      const id = far ? written.slice(4) : written;
      const name = id.replace(/^arn:.*:secret:(.*?)(-[A-Za-z0-9]{6})?$/, '$1');
      return [refKey(ref(id, far ? FAR : HOME)), typeof one === 'number' ? described(name, one) : one];
    }),
  );
}

export interface Ask {
  readonly wishes: readonly Wish[];
  readonly truth?: Truth | Readonly<Record<string, KnownSecret | number>>;
  readonly scope?: Partial<Scope>;
  readonly earlier?: ReadonlyMap<string, Token>;
  readonly rejected?: readonly string[];
  readonly reverted?: readonly string[];
  /** Only what is edited there. */
  readonly part?: Part;
  readonly notEditable?: ReadonlyMap<string, Skip>;
  /** `told` where `wishes` has what finds find. */
  readonly finds?: Finds;
}

/** The plan for a repository that is written down as paths and texts. */
export function planOf(files: Files | Index, ask: Ask): RefreshPlan {
  const index = isIndex(files) ? files : indexOf(files);
  const truth = ask.truth instanceof Map ? ask.truth : truthOf((ask.truth ?? {}) as Record<string, number>);
  return planRefresh({
    index,
    wishes: ask.wishes,
    truth,
    scope: { ...everything('staged'), ...ask.scope },
    earlier: ask.earlier ?? new Map(),
    turnedDown: {
      rejected: names(ask.rejected),
      reverted: new Map([...names(ask.reverted)].map((name) => [name, 'a'.repeat(40)])),
      spared: new Set(),
      rejectedAt: new Map(),
    },
    notEditable: ask.notEditable ?? new Map(),
    finds: ask.finds ?? 'open',
    ...(ask.part === undefined ? {} : { part: ask.part }),
  });
}

/** Versions may be written as numbers. */
function names(written: readonly string[] = []): ReadonlySet<string> {
  return new Set(written.map((one) => one.replace(/=(\d+)$/, (_, n) => `=${v(Number(n))}`)));
}

function isIndex(files: Files | Index): files is Index {
  return 'bySecret' in files;
}

/** A plan in short: one line per edit and per skip. */
export function lines(plan: Plan): readonly string[] {
  return [...plan.edits.map(editLine), ...plan.skips.map(({ kind, name, code }) => `${kind}/${name}: ${code}`)];
}

const SHORT_ANNOTATION: Readonly<Record<string, string>> = {
  'force-sync': 'token',
  'gitops-reloader.dev/restart-due': 'due',
  'gitops-reloader.dev/secret-versions': 'versions',
};

function editLine({ stage, kind, name, target, annotation, after }: Edit): string {
  const place = target === 'template' ? 'template ' : '';
  return short(`${stage} ${kind}/${name}: ${place}${SHORT_ANNOTATION[annotation] ?? annotation} ${after}`);
}

/** Plans, and compares the plan's lines. */
export function check(files: Files | Index, ask: Ask, expected: readonly string[]): RefreshPlan {
  const made = planOf(files, ask);
  expect(lines(made.plan)).toEqual(expected);
  return made;
}

function textEdits({ fields = [], ...edit }: Edit): readonly AnnotationEdit[] {
  const own = { ...edit, value: edit.after };
  return [own, ...fields.map((field) => ({ ...own, ...field, target: 'field' as const, value: field.after }))];
}

/** The repository with a plan's edits made, each proved exact. */
export function applied(files: Files, edits: readonly Edit[]): Files {
  const texts: Record<string, string> = { ...files };
  for (const path of new Set(edits.map((edit) => edit.path))) {
    const own = edits.filter((edit) => edit.path === path).flatMap(textEdits);
    const { text, refused } = editWhatCanBe(texts[path] ?? '', own);
    expect(refused).toEqual([]);
    texts[path] = text;
  }
  return texts;
}
