import { formatToken } from '../../domain/token.ts';
import { type BaselineEntry, sortEntries } from './baseline-entry.ts';

/**
 * The lines before the objects. The annotation, and a comment, keep Kustomize (so Flux) and Argo CD from applying the file where they
 * deploy the repository's root.
 */
export const HEADER = [
  'apiVersion: gitops-reloader.dev/v1alpha1',
  'kind: Baseline',
  'metadata:',
  '  name: gitops-reloader-baseline',
  '  annotations:',
  '    config.kubernetes.io/local-config: "true"',
  'objects:',
] as const;

/** What an object's line begins with; a JSON object follows, which is YAML too. */
export const ENTRY_BEGINS = '  - ';

/** No larger file is read or written. */
export const MAX_BASELINE_BYTES = 8 * 1024 * 1024;
export const MAX_BASELINE_OBJECTS = 50_000;

const COMMENT = [
  '# The versions that these objects had when gitops-reloader began to follow them: a rotation whose event was lost is found by it.',
  '# Written by gitops-reloader, one object a line. It is no manifest. +argocd:skip-file-rendering',
];

/** The text of a baseline: sorted, so that the same objects are the same text, and a line for each, so that Git merges it. */
export function formatBaseline(entries: readonly BaselineEntry[]): string {
  const lines = sortEntries(entries).map(lineOf);
  const list = lines.length === 0 ? [`${HEADER.join('\n')} []`] : [...HEADER, ...lines];
  return `${[...COMMENT, ...list].join('\n')}\n`;
}

/** As many of these entries, the first ones in their order, as a file may hold. */
export function fittingEntries(entries: readonly BaselineEntry[]): readonly BaselineEntry[] {
  const most = MAX_BASELINE_BYTES - formatBaseline([]).length;
  let size = 0;
  return sortEntries(entries)
    .slice(0, MAX_BASELINE_OBJECTS)
    .filter((entry) => {
      size += new TextEncoder().encode(lineOf(entry)).length + 1;
      return size <= most;
    });
}

function lineOf({ path, kind, namespace, name, token }: BaselineEntry): string {
  const fields = { path, kind, namespace, name, token: formatToken(token) };
  // JSON leaves these as they are, and YAML takes them for ends of lines.
  const text = JSON.stringify(fields).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff]/g, escaped);
  return `${ENTRY_BEGINS}${text}`;
}

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
