import { findEntry, mergeTokens, type Token, tokenKey } from '../../../domain/token.ts';
import {
  type BaselineEntry,
  baselineKey,
  baselineKeyOf,
  identityOf,
  isKeepable,
} from '../../../manifests/baseline/baseline-entry.ts';
import { fittingEntries } from '../../../manifests/baseline/format-baseline.ts';
import type { Index } from '../../../manifests/graph.ts';
import { namersIn } from '../../../manifests/query-index.ts';

export interface UpdateRequest {
  readonly index: Pick<Index, 'externalSecrets' | 'restartSources' | 'baseline'>;
  /** What lacks a baseline, with the versions that are current now. */
  readonly without: readonly BaselineEntry[];
  /** What the own branch proposes already; empty where there is none. */
  readonly proposed: readonly BaselineEntry[];
}

/**
 * The baseline as it should become; null where nothing lacks one. What is proposed already keeps its version: a rotation that came
 * while nobody merged is then found by it. What is gone drops out, which alone is no reason for an update.
 */
export function baselineUpdate({ index, without, proposed }: UpdateRequest): readonly BaselineEntry[] | null {
  if (without.length === 0) return null;
  const earlier = new Map(proposed.map((entry) => [baselineKey(entry), entry.token]));
  const known = namersIn(index).flatMap(({ object }): readonly BaselineEntry[] => {
    const token = index.baseline?.get(baselineKeyOf(object));
    return token === undefined ? [] : [{ ...identityOf(object), token }];
  });
  const merged = new Map(known.map((entry) => [baselineKey(entry), entry]));
  for (const entry of without) {
    const key = baselineKey(entry);
    const lacking = keepProposed(entry.token, earlier.get(key) ?? []);
    merged.set(key, { ...entry, token: mergeTokens(merged.get(key)?.token ?? [], lacking) });
  }
  return fittingEntries([...merged.values()].filter(isKeepable));
}

function keepProposed(token: Token, proposed: Token): Token {
  return token.map((entry) => findEntry(proposed, tokenKey(entry)) ?? entry);
}

/** A recorded baseline is added to at most once a day: what came meanwhile comes together. */
const DAY_MILLISECONDS = 24 * 3_600_000;

/**
 * When what lacks a baseline may be proposed, epoch milliseconds: at once where nothing is recorded yet, else a day after what
 * was recorded last. It stands in the entries themselves, so that every replica knows it.
 */
export function updateDueAt(recorded: readonly BaselineEntry[] | null): number {
  const times = (recorded ?? []).flatMap(({ token }) => token.map(({ time }) => Date.parse(time)));
  return times.length === 0 ? 0 : times.reduce((left, right) => Math.max(left, right)) + DAY_MILLISECONDS;
}
