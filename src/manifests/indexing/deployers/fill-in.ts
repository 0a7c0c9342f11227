import type { ExternalSecretFacts, Facts, SecretReference, StoreRef, WorkloadFacts } from '../../objects.ts';
import { followsOf } from '../../reading/external-secret-facts.ts';
import type { Placement, Substitution } from '../placement.ts';

const DISABLED = 'kustomize.toolkit.fluxcd.io/substitute';
const VARIABLE = /\$\{([^{}]*)\}/g;
const EXPRESSION = /^([A-Za-z_][A-Za-z0-9_]*)(?::[=-]([^$]*))?$/;
// What stays the same text wherever it stands in YAML.
const SAFE = /^[A-Za-z0-9/_](?:[A-Za-z0-9/_+=.@:!-]*[A-Za-z0-9/_+=.@!-])?$/;
const OTHER_TYPE = /^(?:[-+.0-9_:eE]+|0[xob][0-9a-fA-F_]+|true|false|yes|no|on|off|y|n|null|nan|inf)$/i;

/** A text with what Flux fills in; as it is written where not every value in it is certain. */
export function fillText(text: string, substitution: Substitution | null): string {
  if (substitution === null || !text.includes('${') || text.includes('$${') || text.length > 4096) return text;
  let isCertain = true;
  const filled = text.replace(VARIABLE, (_, expression: string) => {
    const value = valueOf(expression, substitution);
    isCertain &&= value !== null;
    return value ?? '';
  });
  return isCertain && SAFE.test(filled) && !OTHER_TYPE.test(filled) ? filled : text;
}

/** An object with what Flux fills in, where that is the same in all its placements. */
export function fillIn<T extends Facts>(object: T, placements: readonly Placement[]): T {
  if (placements.every(({ deployer }) => (deployer?.substitution ?? null) === null)) return object;
  const own = new Set(placements.map(({ deployer }) => deployer?.substitution ?? null));
  if (isDisabled(object)) return object;
  const variants = [...own].map((one) => fillFacts(object, one));
  const [first = object, ...others] = variants;
  return others.every((one) => wordsOf(one) === wordsOf(first)) ? first : object;
}

function isDisabled({ labels, annotations }: Facts): boolean {
  return labels.get(DISABLED) === 'disabled' || annotations.get(DISABLED) === 'disabled';
}

function wordsOf(object: Facts): string {
  if (object.type === 'external-secret') return JSON.stringify([object.references, object.store, object.targetName]);
  return JSON.stringify(object.type === 'workload' ? object.secrets : object.type === 'store' ? object.aws : null);
}

/** Null where the value is not certain. An empty value gives way to the default, as in Flux. */
function valueOf(expression: string, { values, isOpenEnded }: Substitution): string | null {
  const [, name, otherwise] = EXPRESSION.exec(expression) ?? [];
  if (name === undefined) return null;
  const value = values.get(name)?.replaceAll('\n', '');
  if (value !== undefined && value !== '') return value;
  if (value === undefined && isOpenEnded) return null;
  // Without a default it is the empty text, or an error where Flux is strict.
  return otherwise ?? null;
}

/** `name` stays as it is written: by it the object is found in its file. */
function fillFacts<T extends Facts>(object: T, substitution: Substitution | null): T {
  const fill = (text: string) => fillText(text, substitution);
  switch (object.type) {
    case 'external-secret':
      return { ...object, ...filledSecret(object, fill) };
    case 'workload':
      return { ...object, ...filledWorkload(object, fill) };
    case 'store': {
      const { aws } = object;
      if (aws === null) return object;
      return {
        ...object,
        aws: { ...aws, region: aws.region === null ? null : fill(aws.region), prefix: fill(aws.prefix) },
      };
    }
    case 'restart-source': {
      const references = object.references.map((reference) => ({ ...reference, key: fill(reference.key) }));
      return { ...object, references };
    }
    case 'kustomization':
    case 'deployer':
    case 'namespace':
      return object;
  }
}

type Fill = (text: string) => string;

function filledSecret(object: ExternalSecretFacts, fill: Fill): Partial<ExternalSecretFacts> {
  const targetName = fill(object.targetName);
  return {
    references: object.references.map((reference) => filledReference(reference, fill)),
    store: filledStore(object.store, fill),
    targetName,
    namesTarget: object.namesTarget || targetName !== object.targetName,
  };
}

function filledReference(reference: SecretReference, fill: Fill): SecretReference {
  const { key, kind, version, find, follows } = reference;
  const store = filledStore(reference.store, fill);
  if (kind === 'find' || find !== null) return { ...reference, store };
  const filled = fill(version);
  const now = filled === version ? follows : followsOf(filled);
  return { ...reference, key: fill(key), store, version: filled, follows: now };
}

function filledStore(store: StoreRef | null, fill: Fill): StoreRef | null {
  return store === null ? null : { kind: store.kind, name: fill(store.name) };
}

function filledWorkload({ secrets }: WorkloadFacts, fill: Fill): Partial<WorkloadFacts> {
  return { secrets: secrets.map((use) => ({ ...use, name: fill(use.name) })) };
}
