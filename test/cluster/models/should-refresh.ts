import type { LiveObject } from './cluster.ts';

/** What External Secrets Operator 2.9.0 asks of an ExternalSecret before it fetches anything. */
export interface RefreshQuestion {
  readonly refreshPolicy: string | undefined;
  /** Zero or less: never again, under Periodic. */
  readonly intervalMilliseconds: number;
  /** Of the object as it is now. */
  readonly resourceVersion: string;
  /** Of the last success; empty before the first. */
  readonly syncedResourceVersion: string;
  /** When the reconcile that last succeeded began, epoch milliseconds; null before the first. */
  readonly refreshTime: number | null;
}

/** In the operator's own order: under Periodic an interval of zero is looked at before any change of the object is. */
export function shouldRefresh(question: RefreshQuestion, now: number): boolean {
  const { refreshPolicy, intervalMilliseconds, syncedResourceVersion, refreshTime } = question;
  const hasChanged = syncedResourceVersion !== question.resourceVersion;
  const wasNeverSynced = syncedResourceVersion === '' || refreshTime === null;
  if (refreshPolicy === 'CreatedOnce') return wasNeverSynced;
  if (refreshPolicy === 'OnChange') return wasNeverSynced || hasChanged;
  if (intervalMilliseconds <= 0 && syncedResourceVersion !== '') return false;
  if (hasChanged) return true;
  if (refreshTime === null || refreshTime > now) return true;
  return refreshTime + intervalMilliseconds <= now;
}

/** The generation and everything that annotations and labels say: any change of either makes another. */
export function resourceVersion({ manifest, generation }: LiveObject): string {
  const { annotations = {}, labels = {} } = manifest.metadata;
  return `${generation}-${sortedText(annotations)}${sortedText(labels)}`;
}

function sortedText(map: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(map).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A duration as Go writes it: `1h0m0s`, `90s`, `0`. */
export function goDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
  const sum = parts.reduce((total, [, number = '0', unit = 's']) => total + Number(number) * (UNITS[unit] ?? 0), 0);
  return text.startsWith('-') ? -sum : sum;
}
