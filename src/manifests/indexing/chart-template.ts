import { folderOf, type RepoPath } from '../../domain/repo-path.ts';
import type { FileProblem } from '../graph.ts';
import type { BlobFacts, StoreFacts, StoreRef } from '../objects.ts';
import { whyForeign } from './places/secret-place.ts';

const SECRETISH = /ExternalSecret|SecretStore|PushSecret|SecretProviderClass|remoteRef|dataFrom|secretStoreRef/;

/** The folders that hold a Helm chart. */
export function chartFolders(paths: Iterable<RepoPath>): ReadonlySet<string> {
  return new Set([...paths].filter((path) => /(?:^|\/)Chart\.ya?ml$/.test(path)).map((path) => folderOf(path)));
}

/** True for a file anywhere under the `templates/` of a chart: Helm rewrites it, so it is no object as it stands. */
export function isChartTemplate(path: RepoPath, charts: ReadonlySet<string>): boolean {
  const segments = path.split('/');
  return segments.some((segment, at) => segment === 'templates' && charts.has(segments.slice(0, at).join('/')));
}

/**
 * What is left of a chart's template: one problem, with the text that may name a secret; null where there is nothing. A store
 * of this repository that is none of AWS says that what is fetched through it is no secret of ours.
 */
export function chartTemplateProblem(
  path: RepoPath,
  facts: BlobFacts,
  stores: readonly StoreFacts[],
): FileProblem | null {
  if (facts.objects.length === 0 && facts.unreadable.length === 0) return null;
  const text = facts.text ?? namedKeys(facts, stores);
  return {
    path,
    code: 'helm-template',
    message: hasMarker(facts) ? MARKER_IN_TEMPLATE : TEMPLATE,
    line: null,
    text: facts.text === null || SECRETISH.test(facts.text) ? text : null,
  };
}

const TEMPLATE = "a template of a Helm chart: what it becomes depends on the chart's values";
const MARKER_IN_TEMPLATE = `${TEMPLATE}; its inline marker has no effect there and belongs into the values`;

function hasMarker({ objects, unreadable }: BlobFacts): boolean {
  return (
    objects.some((one) => 'marker' in one && one.marker !== undefined) ||
    unreadable.some(({ code }) => code === 'wrong-marker')
  );
}

/**
 * A template without braces was read like any file, and its text is gone: what is left are the keys it names, each in its field
 * as a text would have it.
 */
function namedKeys({ objects }: BlobFacts, stores: readonly StoreFacts[]): string | null {
  const references = objects.flatMap((object) => (object.type === 'external-secret' ? object.references : []));
  const keys = references
    .filter(({ store }) => !isForeign(store, stores))
    .map(({ key, kind, field }) => `${field}: {${kind === 'find' ? 'regexp' : 'key'}: ${key}}`);
  return keys.length === 0 ? null : keys.join('\n');
}

/** True where every store of this kind and name is one of another provider. */
function isForeign(store: StoreRef | null, stores: readonly StoreFacts[]): boolean {
  const named = stores.filter(({ kind, name }) => kind === store?.kind && name === store.name);
  return named.length > 0 && named.every((one) => whyForeign(one) !== null);
}
