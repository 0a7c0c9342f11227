import type { Problem } from '../../domain/problem.ts';
import { type ConfigFile, type Findings, readDocuments } from '../join/read-documents.ts';
import { isAboutRepositories, loadConfigs } from '../load-config.ts';
import { ownText } from './own-text.ts';

/** A file in our own format, and what of the old one has no equivalent in it; or why there is none. */
export type Translated =
  | { readonly kind: 'text'; readonly text: string; readonly notices: readonly Problem[] }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/** Translates a file with ESO Reloader's Config, one document or several, into our own format. */
export function translateEsoReloader(file: ConfigFile): Translated {
  const findings: Findings = { problems: [], notices: [] };
  for (const { format, root, report } of readDocuments([file], findings)) {
    if (format === 'eso-reloader') continue;
    const hint = 'give a file whose documents are all of apiVersion reloader.external-secrets.io/v1alpha1';
    report.problem(root.range?.[0] ?? 0, 'this document is not one of ESO Reloader', hint);
  }
  if (findings.problems.length > 0) return { kind: 'problems', problems: findings.problems.slice(0, 100) };
  const loaded = loadConfigs([file]);
  if (loaded.kind === 'problems') return loaded;
  const notices = loaded.notices.map((notice) => (isAboutRepositories(notice) ? { ...notice, ...EXAMPLE } : notice));
  return { kind: 'text', text: ownText(loaded.config), notices };
}

const EXAMPLE = {
  message: 'no repository is named: the one in the result is an example',
  hint: 'fill in spec.repositories: it is marked EXAMPLE',
};
