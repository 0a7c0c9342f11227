import {
  LATEST,
  readWrittenParameter,
  type WrittenParameter,
  withoutSelector,
} from '../../../domain/parameters/parameter-id.ts';
import type { Resolution, ResolvedReference } from '../../graph.ts';
import type { Follows, SecretReference } from '../../objects.ts';

type Resolved = Pick<ResolvedReference, 'reference' | 'resolution'>;
type SecretResolution = Extract<Resolution, { readonly kind: 'secret' }>;

/** Names below this are no parameters: Parameter Store reads the secret of that name from Secrets Manager. */
const SECRETS = '/aws/reference/secretsmanager/';

/**
 * A reference as Parameter Store reads it: a version's number or a label may follow the key behind a colon, and that is
 * where `version` is put too. What is no parameter stays as it is.
 */
export function asParameter(reference: SecretReference, resolution: Resolution): Resolved {
  if (resolution.kind !== 'secret' || resolution.ref.service !== 'ssm') return { reference, resolution };
  const written = readWrittenParameter(resolution.ref.id);
  const selector = written?.selector ?? null;
  if (written === null || (selector !== null && reference.version !== '')) {
    const reason = 'The key is no name or ARN of a parameter in Parameter Store.';
    return { reference, resolution: { kind: 'foreign', reason } };
  }
  const selected = selector ?? reference.version;
  const [name = ''] = written.names;
  return name.startsWith(SECRETS)
    ? throughParameters(reference, resolution, selected, name.slice(SECRETS.length))
    : ofParameter(reference, resolution, selected, written);
}

function ofParameter(
  reference: SecretReference,
  resolution: SecretResolution,
  selected: string,
  written: WrittenParameter,
): Resolved {
  const { ref } = resolution;
  const follows = reference.follows.kind === 'tags' ? reference.follows : followed(selected);
  return {
    reference: { ...reference, follows },
    resolution: { ...resolution, ref: { ...ref, id: withoutSelector(ref.id, written) } },
  };
}

function followed(selected: string): Follows {
  if (selected === '') return { kind: 'label', label: LATEST };
  return /^\d+$/.test(selected)
    ? { kind: 'pinned', versionId: selected }
    : { kind: 'parameter-label', label: selected };
}

/** A secret of Secrets Manager; what is selected is one of its labels or VersionIds. */
function throughParameters(
  reference: SecretReference,
  resolution: SecretResolution,
  selected: string,
  name: string,
): Resolved {
  if (name === '') return { reference, resolution: { kind: 'foreign', reason: 'The key names no secret.' } };
  const isVersion = /^[0-9A-Za-z-]{32,64}$/.test(selected);
  const label = selected === '' ? 'AWSCURRENT' : selected;
  const value: Follows = isVersion ? { kind: 'pinned', versionId: selected } : { kind: 'label', label };
  const follows = reference.follows.kind === 'tags' ? reference.follows : value;
  const ref = { ...resolution.ref, service: 'secretsmanager' as const, id: name };
  return { reference: { ...reference, follows }, resolution: { ...resolution, ref, names: [name], through: 'ssm' } };
}
