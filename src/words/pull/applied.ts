import type { EvidencePolicy } from '../../domain/life/evidence-policy.ts';
import { isRefreshedKind } from '../../domain/policy.ts';
import type { Edit } from '../../plan/plan.ts';
import { contextsFor, type SeenStatus } from '../../plan/restart/statuses/status-evidence.ts';
import { code } from '../markdown.ts';

/** How it is known that what is restarted for was applied. */
export interface Applied {
  /** `status`: statuses say it of all of it. */
  readonly evidence: 'status' | 'settled';
  readonly statuses: readonly SeenStatus[];
}

/** Nothing but time says it. */
export const BY_TIME: Applied = { evidence: 'settled', statuses: [] };

/** How many a sentence names. */
const MAX_NAMED = 5;

/** When it was reported: UTC, to the second. */
export function secondText(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Of stage two: since when the refresh counts as applied, and who said so. `refresh`: what was refreshed, in words. */
export function appliedText(refresh: string, pulls: readonly number[], settled: string, applied: Applied): string {
  const numbers = pulls.map((number) => `#${number}`).join(', ');
  const { evidence, statuses } = applied;
  if (evidence === 'status') {
    const where = numbers === '' ? 'is on the base branch' : `was merged with ${numbers}`;
    return `${refresh} ${where}, and ${saidBy(statuses)}: so it was applied.`;
  }
  const told = statuses.length === 0 ? '' : ` Of a part of it ${saidBy(statuses)}.`;
  return numbers === ''
    ? `${refresh} has been on the base branch for ${settled} at least, so it should have been applied.${told}`
    : `${refresh} was merged with ${numbers}, ${settled} ago at least, so it should have been applied.${told}`;
}

function saidBy(statuses: readonly SeenStatus[]): string {
  const named = statuses.slice(0, MAX_NAMED).map(({ context, commit, at }) => {
    return `${code(context, 255)} succeeded on ${code(commit.slice(0, 12))} at ${secondText(at)}`;
  });
  return `${named.join(', ')}${more(statuses)}`;
}

/** Of stage one: when the second pull request comes. `later`: the time that a refresh settles, and the delay after statuses. */
export function comesLater(
  edits: readonly Edit[],
  policy: EvidencePolicy | undefined,
  later: { readonly settled: string; readonly delay: string },
): string {
  const refreshed = edits.filter(({ kind }) => isRefreshedKind(kind));
  const asked = refreshed.map(({ path }) => (policy === undefined ? null : contextsFor(policy, path)));
  const contexts = [...new Set(asked.flatMap((one) => one ?? []))].toSorted();
  const byTime = `About ${later.settled} after the merge a second pull request proposes it, for a person to merge.`;
  if (contexts.length === 0) return byTime;
  const named = `${contexts
    .slice(0, MAX_NAMED)
    .map((one) => code(one, 255))
    .join(', ')}${more(contexts)}`;
  const byStatus = `once statuses on the base branch say that this was applied (${named}), and ${later.delay} later, a second pull request proposes it.`;
  return asked.includes(null)
    ? `${byTime} Where the configuration asks for it, only ${byStatus}`
    : `${byStatus.slice(0, 1).toUpperCase()}${byStatus.slice(1)}`;
}

function more(all: readonly unknown[]): string {
  return all.length > MAX_NAMED ? ` and ${all.length - MAX_NAMED} more` : '';
}
