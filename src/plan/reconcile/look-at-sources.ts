import { secretKey } from '../../domain/secret-id.ts';
import { baselineKeyOf, identityOf, isKeepable } from '../../manifests/baseline/baseline-entry.ts';
import type { IndexedRestartSource } from '../../manifests/graph.ts';
import { decideEntries } from '../desired-token.ts';
import { within } from '../grouping/within.ts';
import { NOTHING_TURNED_DOWN } from '../life/turned-down.ts';
import { objectKey } from '../plan.ts';
import { type DueSource, movedSources, namedBy, type SourceDecision } from '../restart/sources/moved-sources.ts';
import type { Wish } from '../truth/wish.ts';
import { announcerOf } from './carried-tokens.ts';
import { lackingEntries } from './lacking-entries.ts';
import type { BehindObject, Looked, LookRequest } from './looked.ts';

/** The same for what reaches workloads without an ExternalSecret: each source as one object, behind where a workload of it is. */
export function lookAtSources(request: LookRequest, wishes: readonly Wish[]): Looked {
  const { index, scope } = request;
  const { decisions, due } = movedSources({
    ...request,
    wishes: wishes.filter(({ names, ...place }) => names.some((name) => isNamed(request, { ...place, name }))),
    turnedDown: NOTHING_TURNED_DOWN,
    notEditable: new Map(),
    isInPart: within(index, scope.grouping, undefined),
  });
  const open = decisions.filter(({ skip }) => skip === null);
  const behind = [...due].flatMap(([workload, sources]) =>
    sources.flatMap((source) => behindBy(request, { source, workload: objectKey(workload) }, open)),
  );
  const without = open.flatMap((decision) => {
    const lacking = { ...identityOf(decision.source.object), token: lackingOf(request, decision) };
    return isKeepable(lacking) ? [lacking] : [];
  });
  return { behind, without, objects: open.length };
}

function isNamed({ index }: LookRequest, secret: Parameters<typeof secretKey>[0]): boolean {
  return index.sourcesBySecret.has(secretKey(secret));
}

function behindBy(
  { branches }: LookRequest,
  { source: due, workload }: { readonly source: DueSource; readonly workload: string },
  decisions: readonly SourceDecision[],
): readonly BehindObject[] {
  const { source, digest, secrets } = due;
  const wishes = decisions.find((one) => one.source === source)?.wishes ?? [];
  const carriedBy = announcerOf(branches, workload, { tokenName: source.tokenName, digest });
  return secrets.map((secret) => ({ ...identityOf(source.object), secret, version: digest, carriedBy, wishes }));
}

/** Nothing where every workload names its versions: then they are what is compared. */
function lackingOf({ index, truth, scope }: LookRequest, { source, wishes }: SourceDecision) {
  const isNew = ({ consumers, tokenName }: IndexedRestartSource) =>
    consumers.some((workload) => !namedBy(workload, scope).has(tokenName));
  if (!isNew(source)) return [];
  const baseline = index.baseline?.get(baselineKeyOf(source.object));
  return lackingEntries(decideEntries({ user: source, wishes, truth, baseline }, []));
}
