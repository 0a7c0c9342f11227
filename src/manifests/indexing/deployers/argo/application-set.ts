import { plainText } from '../../../../domain/plain-text.ts';
import type { RepoPath } from '../../../../domain/repo-path.ts';
import type { Plain } from '../../../reading/kustomize/plain-value.ts';
import type { Deployer, OtherDeployer, Sources } from '../deployer.ts';
import type { FolderTree } from '../folder-tree.ts';
import { listAt, plainAt, textAt } from '../plain-fields.ts';
import { fillTemplate, type Parameters } from './fill-template.ts';
import { generateParameters } from './generate-parameters.ts';
import { readApplication } from './read-application.ts';

/** An ApplicationSet as it is written. */
export interface ApplicationSetText {
  readonly name: string;
  readonly manifest: RepoPath;
  readonly spec: Plain;
}

/** The specification that each of its applications begins with. */
export function templateOf(spec: Plain): Plain {
  return plainAt(spec, 'template', 'spec');
}

/** The repositories that its git generators look into. */
export function generatedFrom(spec: Plain): readonly string[] {
  const generators = listAt(spec, 'generators');
  return [...generators, ...generators.flatMap((one) => listAt(one, 'matrix', 'generators'))].flatMap(
    (one) => textAt(one, 'git', 'repoURL') ?? [],
  );
}

/**
 * The applications that it makes, as far as they can be told: where only the cluster knows the parameters, what does not
 * depend on them is certain all the same.
 */
export function applicationsOf(
  { name, manifest, spec }: ApplicationSetText,
  { sources, tree }: { readonly sources: Sources; readonly tree: FolderTree },
): readonly (Deployer | OtherDeployer)[] {
  const unresolved = (reason: string): OtherDeployer => ({ kind: 'unresolved', name, manifest, reason });
  if (plainAt(spec, 'templatePatch') !== null) return [unresolved('Its templatePatch may change anything.')];
  const syntax = textAt(spec, 'goTemplate') === 'true' ? 'go' : 'plain';
  return listAt(spec, 'generators').flatMap((generator): readonly (Deployer | OtherDeployer)[] => {
    const generated = generateParameters(generator, { syntax, sources, tree });
    const sets: readonly Parameters[] = generated.kind === 'sets' ? generated.sets : [new Map()];
    const made = sets.flatMap((parameters) => {
      const template = fillTemplate(plainAt(spec, 'template'), parameters, syntax);
      const own = textAt(template, 'metadata', 'name');
      const application = own === null ? name : `${name}, application ${plainText(own, 100)}`;
      const isPaused = textAt(template, 'metadata', 'annotations', 'argocd.argoproj.io/skip-reconcile') === 'true';
      return readApplication({ name: application, manifest, spec: plainAt(template, 'spec'), isPaused }, sources);
    });
    if (generated.kind === 'sets') return made;
    return made.map((one) =>
      one.kind === 'unresolved' ? unresolved(`It cannot be expanded: ${generated.reason}.`) : one,
    );
  });
}
