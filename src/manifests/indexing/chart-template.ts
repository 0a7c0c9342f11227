import { folderOf, type RepoPath } from '../../domain/repo-path.ts';
import type { FileProblem } from '../graph.ts';
import type { BlobFacts, StoreFacts, StoreRef } from '../objects.ts';
import { whyForeign } from './places/secret-place.ts';

const SECRETISH = /ExternalSecret|SecretStore|PushSecret|SecretProviderClass|remoteRef|dataFrom|secretStoreRef/;

/** True for the file that makes a folder a Helm chart. */
export function isChartFile(path: string): boolean {
  return CHART.test(path);
}

const CHART = /(?:^|\/)Chart\.ya?ml$/;

/** The folders that hold a Helm chart. */
export function chartFolders(paths: Iterable<RepoPath>): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const path of paths) if (path.includes('Chart.y') && isChartFile(path)) folders.add(folderOf(path));
  return folders;
}

/** True for a file anywhere under the `templates/` of a chart: Helm rewrites it, so it is no object as it stands. */
export function isChartTemplate(path: RepoPath, charts: ReadonlySet<string>): boolean {
  if (charts.size === 0 || !path.includes('templates/')) return false;
  const segments = path.split('/');
  return segments.some((segment, at) => segment === 'templates' && charts.has(segments.slice(0, at).join('/')));
}

/** Kinds and names under which there are only stores of other providers. */
export function foreignStores(stores: readonly StoreFacts[]): ReadonlySet<string> {
  const ours = new Set(stores.filter((one) => whyForeign(one) === null).map(storeKey));
  return new Set(stores.map(storeKey).filter((key) => !ours.has(key)));
}

function storeKey({ kind, name }: StoreRef): string {
  return JSON.stringify([kind, name]);
}

/**
 * What is left of a chart's template: one problem, with the text that may name a secret; null where there is nothing. What is
 * fetched through one of the `foreign` stores is no secret of ours.
 */
export function chartTemplateProblem(
  path: RepoPath,
  facts: BlobFacts,
  foreign: ReadonlySet<string>,
): FileProblem | null {
  if (facts.objects.length === 0 && facts.unreadable.length === 0) return null;
  const text = facts.text ?? namedKeys(facts, foreign);
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
function namedKeys({ objects }: BlobFacts, foreign: ReadonlySet<string>): string | null {
  const references = objects.flatMap((object) => (object.type === 'external-secret' ? object.references : []));
  const keys = references
    .filter(({ store }) => store === null || !foreign.has(storeKey(store)))
    .map(({ key, kind, field }) => `${field}: {${kind === 'find' ? 'regexp' : 'key'}: ${key}}`);
  return keys.length === 0 ? null : keys.join('\n');
}
