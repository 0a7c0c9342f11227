import { isRefreshedKind } from '../../domain/policy.ts';
import type { Edit } from '../../plan/plan.ts';
import { isParameterKey } from '../commit-message.ts';
import { mermaidLabel } from '../markdown.ts';

/** Diagrams with more than a few dozen lines cannot be read. */
const MAX_DRAWN = 30;

/** How the secrets reach what is edited, as a Mermaid graph. */
export function diagram(edits: readonly Edit[], limit: number): string {
  const ids = new Map<string, string>();
  const node = (label: string) => {
    const id = ids.get(label) ?? `n${ids.size}`;
    ids.set(label, id);
    return `${id}["${mermaidLabel(label)}"]`;
  };
  const arrows = new Set<string>();
  const shown = edits.slice(0, Math.min(limit, MAX_DRAWN));
  for (const [from, to] of shown.flatMap(arrowsOf)) arrows.add(`  ${node(from)} --> ${node(to)}`);
  return ['```mermaid', 'flowchart LR', ...arrows, '```'].join('\n');
}

type Arrow = readonly [string, string];

/** A chain may hold several ways to one object: what is drawn is each of them. See `Edit.chain`. */
function arrowsOf(edit: Edit): readonly Arrow[] {
  const { kind, stage, chain, secrets } = edit;
  const self = chain.at(-1) ?? '';
  if (readsItself(edit)) return directArrows(edit);
  if (!isRefreshedKind(kind)) {
    const before = chain.slice(0, -1);
    const writers = stage === 2 ? before : before.filter((_, at) => at % 2 === 1);
    return [...(stage === 2 ? [] : pairs(before)), ...writers.map((writer): Arrow => [writer, self])];
  }
  const stores = chain.slice(1, -2);
  // Of several stores nothing here says which secret is in which.
  const path = [...(stores.length === 1 ? stores : []), ...chain.slice(-2)];
  const links = path.slice(1).map((to, at): Arrow => [path[at] ?? '', to]);
  return [...secrets.slice(0, MAX_DRAWN).map((key): Arrow => [secretLabel(key), path[0] ?? '']), ...links];
}

/** Of several sources nothing here says which of them names which secret. */
function directArrows({ chain, secrets }: Edit): readonly Arrow[] {
  const [self = '', ...sources] = chain.toReversed();
  const [only = self] = sources.length === 1 ? sources : [self];
  const links = sources.map((source): Arrow => [source, self]);
  return [...secrets.slice(0, MAX_DRAWN).map((key): Arrow => [secretLabel(key), only]), ...links];
}

function secretLabel(key: string): string {
  return `${isParameterKey(key) ? 'parameter' : 'secret'} ${key}`;
}

function pairs(labels: readonly string[]): readonly Arrow[] {
  return labels.flatMap((label, at) => (at % 2 === 0 ? [[label, labels[at + 1] ?? '']] : []));
}

/** Nothing fetches it for this workload: a restart alone brings the new value. */
export function readsItself({ brings, chain }: Edit): boolean {
  return brings !== undefined && !chain.some((label) => label.startsWith('Secret/'));
}
