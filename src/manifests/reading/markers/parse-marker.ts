import { plainText } from '../../../domain/plain-text.ts';
import { nearest } from '../../../domain/spelling/nearest.ts';

/** What an inline marker says: `# {"$gitops-reloader": {"secret": "prod/db", "stage": "refresh"}}`. */
export interface WrittenMarker {
  /** A name, a full ARN or a partial ARN. */
  readonly secret: string;
  readonly stage: 'refresh' | 'restart';
  /** `SecretsManager` or `ParameterStore`; null where nothing says it. */
  readonly service: 'SecretsManager' | 'ParameterStore' | null;
  readonly store: { readonly kind: string; readonly name: string } | null;
  readonly place: { readonly account: string; readonly region: string } | null;
  readonly label: string | null;
}

export type ParsedMarker =
  | { readonly kind: 'marker'; readonly marker: WrittenMarker }
  /** `message` completes "this inline marker …". */
  | { readonly kind: 'wrong'; readonly message: string };

/** The word that every marker has; a cheap look for it comes before everything else. */
export const MARKER_WORD = '$gitops-reloader';

const MAX_LENGTH = 4096;
/** Every key that a marker can have. */
export const MARKER_KEYS = ['secret', 'stage', 'service', 'store', 'account', 'region', 'label'] as const;
type Key = (typeof MARKER_KEYS)[number];

const SAMPLE = `{"${MARKER_WORD}": {"secret": "prod/db", "stage": "refresh"}}`;

// A store as manifests have it: kind, then name.
const STORE = /^(SecretStore|ClusterSecretStore)\/([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)$/;

const RULES: Readonly<Record<Key, { readonly pattern: RegExp; readonly allowed: string }>> = {
  secret: { pattern: /^[^\s"\\]{1,2048}$/, allowed: 'a name or an ARN without blanks' },
  stage: { pattern: /^(?:refresh|restart)$/, allowed: 'refresh or restart' },
  service: { pattern: /^(?:SecretsManager|ParameterStore)$/, allowed: 'SecretsManager or ParameterStore' },
  store: { pattern: STORE, allowed: 'SecretStore/<name> or ClusterSecretStore/<name>' },
  account: { pattern: /^\d{12}$/, allowed: 'an account id of twelve digits' },
  region: { pattern: /^[a-z]{2}[a-z0-9-]{1,30}$/, allowed: 'a region' },
  label: { pattern: /^[A-Za-z0-9_+=.@-]{1,256}$/, allowed: 'the staging label of a version' },
};

/** Reads the JSON of a comment, without its `#`. Never throws. */
export function parseMarker(json: string): ParsedMarker {
  if (json.length > MAX_LENGTH) return wrong(`is longer than ${MAX_LENGTH} characters`);
  const outer = objectOf(tryJson(json));
  if (outer === null) return wrong(`is not JSON. It looks like ${SAMPLE}, with nothing behind it`);
  const inner = objectOf(outer[MARKER_WORD]);
  if (Object.keys(outer).length !== 1 || inner === null) return wrong(`must be one object under "${MARKER_WORD}"`);
  // "\u0073ecret" is "secret" to a program and something else to whoever reviews it.
  if (json.includes('\\')) return wrong('has an escape (\\): write every character as it is');
  const unknown = Object.keys(inner).find((key) => !isKey(key));
  if (unknown !== undefined) return wrong(unknownKey(unknown));
  const twice = MARKER_KEYS.find((key) => [...json.matchAll(new RegExp(`"${key}"\\s*:`, 'g'))].length > 1);
  if (twice !== undefined) return wrong(`says "${twice}" twice`);
  for (const key of MARKER_KEYS) {
    const fault = Object.hasOwn(inner, key) ? faultOf(key, inner[key]) : null;
    if (fault !== null) return wrong(fault);
  }
  return together(inner);
}

/** What the keys say together; each of them alone is right. */
function together(inner: Readonly<Record<string, unknown>>): ParsedMarker {
  const at = (key: Key): string | null => (Object.hasOwn(inner, key) ? String(inner[key]) : null);
  const [secret, stage, account, region] = [at('secret'), at('stage'), at('account'), at('region')];
  if (secret === null) return wrong('names no "secret"');
  if (stage === null) return wrong('has no "stage": refresh or restart');
  if ((account === null) !== (region === null)) return wrong('needs "account" and "region" together, or neither');
  const place = account === null || region === null ? null : { account, region };
  const [store, service] = [storeOf(at('store')), at('service')];
  const twofold = whyTwofold(secret, { store, place, service });
  if (twofold !== null) return wrong(twofold);
  return {
    kind: 'marker',
    marker: {
      secret,
      stage: stage === 'restart' ? 'restart' : 'refresh',
      service: SERVICES.find((one) => one === service) ?? null,
      store,
      place,
      label: at('label'),
    },
  };
}

const SERVICES = ['SecretsManager', 'ParameterStore'] as const;

/** Where a secret is must be said once. */
function whyTwofold(
  secret: string,
  { store, place, service }: Readonly<Record<'store' | 'place' | 'service', unknown>>,
): string | null {
  if (store !== null && place !== null) return 'has both a "store" and an "account": one of them says it';
  if (store !== null && service !== null) return 'has both a "store" and a "service": the store says it';
  const isSaid = place !== null || service !== null;
  return secret.startsWith('arn:') && isSaid ? 'names its secret by ARN, which says service, account and region' : null;
}

function faultOf(key: Key, value: unknown): string | null {
  const { pattern, allowed } = RULES[key];
  // A character that shows as nothing, or as another, names no secret that anybody meant.
  const isRight = typeof value === 'string' && pattern.test(value) && plainText(value, MAX_LENGTH) === value;
  return isRight ? null : `has a "${key}" that is not ${allowed}`;
}

function unknownKey(key: string): string {
  const near = nearest(key, MARKER_KEYS);
  const meant = near === null ? `its keys are ${MARKER_KEYS.join(', ')}` : `perhaps "${near}" is meant`;
  return `has an unknown key "${plainText(key, 40)}": ${meant}`;
}

function isKey(key: string): key is Key {
  return MARKER_KEYS.some((one) => one === key);
}

function storeOf(text: string | null): WrittenMarker['store'] {
  const [, kind, name] = text === null ? [] : (STORE.exec(text) ?? []);
  return kind === undefined || name === undefined ? null : { kind, name };
}

function tryJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return isRecord(value) ? value : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(message: string): ParsedMarker {
  return { kind: 'wrong', message };
}
