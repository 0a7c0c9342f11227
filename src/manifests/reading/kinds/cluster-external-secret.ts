import type { ExternalSecretFacts, ObjectFacts } from '../../objects.ts';
import { listAt, readSpec } from '../external-secret-facts.ts';
import { readStrings } from '../object-header.ts';
import { field, text, type View } from '../yaml-view.ts';
import { readLabelSelector } from './label-selector.ts';

/** What a ClusterExternalSecret has its ExternalSecrets fetch, and which namespaces it writes them into. */
export function readClusterExternalSecret(root: View, header: ObjectFacts): ExternalSecretFacts {
  const spec = field(root, 'spec');
  const facts = readSpec(root, header, ['spec', 'externalSecretSpec']);
  const childName = text(field(spec, 'externalSecretName')) || null;
  const single = field(spec, 'namespaceSelector');
  const hasTemplate = field(spec, 'externalSecretSpec', 'target', 'template') !== null;
  return {
    ...facts,
    // What it writes carries the name of its ExternalSecrets, unless `target.name` says another.
    targetName: facts.namesTarget ? facts.targetName : (childName ?? header.name),
    namesTarget: facts.namesTarget || childName !== null,
    secretAnnotations: hasTemplate
      ? facts.secretAnnotations
      : readStrings(field(spec, 'externalSecretMetadata', 'annotations')),
    reach: {
      childName,
      namespaces: listAt(spec, 'namespaces').flatMap((one) => text(one) || []),
      selectors: [...(single === null ? [] : [single]), ...listAt(spec, 'namespaceSelectors')].map((one) =>
        readLabelSelector(one),
      ),
    },
  };
}
