import { randomUUID } from 'node:crypto';

/** A secret as it was created or found by the tests: names only, there is no value anywhere in this world. */
export interface NewSecret {
  readonly name: string;
  /** VersionId by staging label; one version under AWSCURRENT where it is absent. */
  readonly versions?: Readonly<Record<string, string>>;
  /** The six characters behind the name in the ARN; chosen by the world where it is absent. */
  readonly suffix?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface StoredSecret {
  readonly arn: string;
  readonly name: string;
  readonly suffix: string;
  /** Labels by VersionId; a version without labels is deprecated. */
  readonly stages: ReadonlyMap<string, ReadonlySet<string>>;
  /** Epoch milliseconds of the scheduled deletion; null when none is scheduled. */
  readonly deletionDate: number | null;
  readonly tags: ReadonlyMap<string, string>;
}

/** The secrets of one account in one region, and what a person or a rotation does to them. */
export interface SecretsWorld {
  /** Creates a secret or replaces it; returns its full ARN. */
  put(secret: NewSecret): string;
  /** A new version with these labels; AWSCURRENT and AWSPREVIOUS move as in AWS. */
  putVersion(name: string, versionId: string, stages?: readonly string[]): void;
  /** Moves a label; moving AWSCURRENT leaves AWSPREVIOUS where it was. */
  moveLabel(name: string, label: string, versionId: string): void;
  scheduleDeletion(name: string): void;
  restore(name: string): void;
  /** Deletes and creates again: same name, new ARN suffix, one new version. Returns the new ARN. */
  recreate(name: string, versionId: string): string;
  remove(name: string): void;
  /** From now on, asking for this secret is denied. */
  deny(name: string): void;
  allow(name: string): void;
  /** The next `answers` answers still show the labels of now, whatever changes meanwhile. */
  lag(name: string, answers: number): void;
  /** Tags and untags: all that it has from now on. */
  tag(name: string, tags: Readonly<Record<string, string>>): void;
  /** From now on listing is denied, or allowed again. */
  denyList(): void;
  allowList(): void;
  /** The list shows the secrets as they are now, whatever changes within this time. */
  lagList(milliseconds: number): void;
  /** VersionId by label, as it really is. */
  labels(name: string): ReadonlyMap<string, string>;
}

/** What the server needs beyond the controls. */
export interface SecretsRegion extends SecretsWorld {
  /** Puts a secret as it is: the copy of one of another region. */
  store(secret: StoredSecret): void;
  /** By name, full ARN or partial ARN. */
  find(id: string): StoredSecret | null;
  /** What an answer shows: the labels of now, or older ones where an answer lags. Uses up one lagging answer. */
  show(secret: StoredSecret): StoredSecret;
  isDenied(name: string): boolean;
  isListDenied(): boolean;
  /** Sorted by name; older ones while the list lags. */
  list(): readonly StoredSecret[];
}

interface Lag {
  readonly shown: StoredSecret;
  left: number;
}

const SUFFIX = /-[A-Za-z0-9]{6}$/;

/** An empty account and region. `now` gives epoch milliseconds. */
export function createSecretsRegion(account: string, region: string, now: () => number): SecretsRegion {
  const secrets = new Map<string, StoredSecret>();
  const denied = new Set<string>();
  const lags = new Map<string, Lag>();
  const prefix = `arn:aws:secretsmanager:${region}:${account}:secret:`;
  const at = (name: string): StoredSecret => {
    const secret = secrets.get(name);
    if (secret === undefined) throw new Error(`the embedded Secrets Manager has no secret ${name}`);
    return secret;
  };
  const change = (name: string, part: Partial<StoredSecret>): void => {
    secrets.set(name, { ...at(name), ...part });
  };
  const lists = createLists(secrets, now);
  const put = ({ name, versions, suffix = newSuffix(), tags = {} }: NewSecret): string => {
    const arn = `${prefix}${name}-${suffix}`;
    const stages = stagesOf(versions ?? { AWSCURRENT: randomUUID() });
    secrets.set(name, { arn, name, suffix, stages, deletionDate: null, tags: new Map(Object.entries(tags)) });
    return arn;
  };

  return {
    ...lists,
    put,
    tag: (name, tags) => change(name, { tags: new Map(Object.entries(tags)) }),
    putVersion: (name, versionId, stages = ['AWSCURRENT']) => {
      const known = new Map(at(name).stages);
      if (!known.has(versionId)) known.set(versionId, new Set());
      change(name, { stages: stages.reduce((result, label) => moved(result, label, versionId), known) });
    },
    moveLabel: (name, label, versionId) => {
      if (!at(name).stages.has(versionId)) throw new Error(`secret ${name} has no version ${versionId}`);
      change(name, { stages: moved(at(name).stages, label, versionId) });
    },
    scheduleDeletion: (name) => change(name, { deletionDate: now() + 30 * 24 * 3600 * 1000 }),
    restore: (name) => change(name, { deletionDate: null }),
    recreate: (name, versionId) => {
      at(name);
      return put({ name, versions: { AWSCURRENT: versionId } });
    },
    remove: (name) => void secrets.delete(name),
    deny: (name) => void denied.add(name),
    allow: (name) => void denied.delete(name),
    lag: (name, answers) => void lags.set(name, { shown: at(name), left: answers }),
    labels: (name) => labelsOf(at(name)),
    store: (secret) => void secrets.set(secret.name, secret),
    find: (id) => findSecret(secrets, prefix, id),
    show: (secret) => {
      const lag = lags.get(secret.name);
      if (lag === undefined || lag.left === 0) return secret;
      lag.left -= 1;
      return lag.shown;
    },
    isDenied: (name) => denied.has(name),
  };
}

/** What is listed, and whether it may be. */
function createLists(
  secrets: ReadonlyMap<string, StoredSecret>,
  now: () => number,
): Pick<SecretsRegion, 'denyList' | 'allowList' | 'isListDenied' | 'lagList' | 'list'> {
  let isDenied = false;
  let old: { readonly secrets: readonly StoredSecret[]; readonly until: number } | null = null;
  const sorted = () => [...secrets.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
  return {
    denyList: () => {
      isDenied = true;
    },
    allowList: () => {
      isDenied = false;
    },
    isListDenied: () => isDenied,
    lagList: (milliseconds) => {
      old = { secrets: sorted(), until: now() + milliseconds };
    },
    list: () => (old !== null && now() < old.until ? old.secrets : sorted()),
  };
}

/**
 * By name first. An ARN that ends in hyphen and six characters is taken for a complete one and is not shortened, so the
 * partial ARN of a secret whose name ends like that is not found: AWS documents the same.
 */
function findSecret(secrets: ReadonlyMap<string, StoredSecret>, prefix: string, id: string): StoredSecret | null {
  if (!id.startsWith('arn:')) return secrets.get(id) ?? null;
  if (!id.startsWith(prefix)) return null;
  const full = [...secrets.values()].find((secret) => secret.arn === id);
  if (full !== undefined) return full;
  const resource = id.slice(prefix.length);
  return SUFFIX.test(resource) ? null : (secrets.get(resource) ?? null);
}

function moved(
  stages: ReadonlyMap<string, ReadonlySet<string>>,
  label: string,
  versionId: string,
): Map<string, ReadonlySet<string>> {
  const holder = [...stages].find(([, labels]) => labels.has(label))?.[0];
  const result = new Map([...stages].map(([id, labels]) => [id, without(labels, label)] as const));
  result.set(versionId, new Set([...(result.get(versionId) ?? []), label]));
  const left = label === 'AWSCURRENT' && holder !== undefined && holder !== versionId;
  return left ? moved(result, 'AWSPREVIOUS', holder) : result;
}

function without(labels: ReadonlySet<string>, label: string): ReadonlySet<string> {
  return new Set([...labels].filter((one) => one !== label));
}

function stagesOf(versions: Readonly<Record<string, string>>): ReadonlyMap<string, ReadonlySet<string>> {
  const stages = new Map<string, ReadonlySet<string>>();
  for (const [label, id] of Object.entries(versions)) stages.set(id, new Set([...(stages.get(id) ?? []), label]));
  return stages;
}

function labelsOf(secret: StoredSecret): ReadonlyMap<string, string> {
  return new Map([...secret.stages].flatMap(([id, labels]) => [...labels].map((label) => [label, id] as const)));
}

/** Six letters and digits. */
function newSuffix(): string {
  return randomUUID().replaceAll('-', '').slice(0, 6);
}
