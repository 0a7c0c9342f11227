import type { RepoPath } from '../../../domain/repo-path.ts';
import type { Plain } from '../../reading/kustomize/plain-value.ts';
import { type Deployer, folderAt, isOpen, type OtherDeployer, type Source, type Sources } from './deployer.ts';
import { inlinePatches } from './inline-patches.ts';
import { listAt, plainAt, textAt, textsAt } from './plain-fields.ts';

/** A Kustomization of Flux. */
export interface FluxText {
  readonly name: string;
  readonly manifest: RepoPath;
  readonly spec: Plain;
  /** The GitRepository it takes its files from; null where it is not in this repository. */
  readonly source: Source | null;
}

/** What a Flux Kustomization deploys from here. */
export function readFluxKustomization(flux: FluxText, sources: Sources): Deployer | OtherDeployer {
  const { name, manifest, spec, source } = flux;
  const folder = folderAt(textAt(spec, 'path') ?? '');
  const why = whyUnresolved(flux);
  if (why !== null) return { kind: 'unresolved', name, manifest, reason: why };
  if (source === null || folder === null || !sources.isHere(source)) {
    return { kind: 'elsewhere', name, manifest, reason: 'It deploys another repository or revision.' };
  }
  const state = textAt(spec, 'suspend') === 'true' ? 'suspended' : 'automatic';
  return {
    kind: 'deploys',
    deployment: { name, manifest, otherwise: null, cluster: null, substitution: substitutionOf(spec), state },
    folder,
    namespace: textAt(spec, 'targetNamespace'),
    prefix: textAt(spec, 'namePrefix'),
    suffix: textAt(spec, 'nameSuffix'),
    patches: inlinePatches(spec, plainAt(spec, 'commonMetadata', 'annotations')),
    files: { kind: 'generated' },
  };
}

function whyUnresolved({ spec, source }: FluxText): string | null {
  if (source === null) return 'Its sourceRef names no GitRepository of this repository.';
  if (isOpen(source.url) || isOpen(source.revision)) return 'The address of its source is filled in later.';
  if (folderAt(textAt(spec, 'path') ?? '') === null) return 'Its path is filled in later, or leads elsewhere.';
  if (listAt(spec, 'components').length > 0) return 'Components that it adds are not followed.';
  const fields = ['targetNamespace', 'namePrefix', 'nameSuffix'].map((key) => textAt(spec, key));
  return fields.some(isOpen) ? 'What it sets in the kustomization is filled in later.' : null;
}

/** Where a GitRepository takes its files from; a tag, a version or a commit is a revision that no merge moves. */
export function gitSourceOf(spec: Plain): Source | null {
  const url = textAt(spec, 'url');
  if (url === null) return null;
  const fixed = ['commit', 'name', 'semver', 'tag'].map((key) => textAt(spec, 'ref', key)).find((one) => one !== null);
  return { url, revision: fixed ?? textAt(spec, 'ref', 'branch') };
}

/** Nothing is filled in where neither a value nor a place for values is named. */
function substitutionOf(spec: Plain) {
  const values = textsAt(spec, 'postBuild', 'substitute');
  const isOpenEnded = listAt(spec, 'postBuild', 'substituteFrom').length > 0;
  return values.size === 0 && !isOpenEnded ? null : { values, isOpenEnded };
}
