import { RESTART_DUE, SECRET_VERSIONS } from '../../../domain/policy.ts';
import type { Token } from '../../../domain/token.ts';
import { formatWorkloadToken, type WorkloadToken } from '../../../domain/workload-token.ts';
import type { IndexedRestartSource } from '../../../manifests/graph.ts';
import type { Placed, WorkloadFacts } from '../../../manifests/objects.ts';
import { addressOf, type Edit, overlayNote } from '../../plan.ts';
import type { Scope } from '../../scope.ts';
import { restartMade, restartsAt } from '../restart-mark.ts';
import { type Drivers, restartNotes } from '../restart-notes.ts';
import { type DueSource, namedBy } from './moved-sources.ts';
import { isSourceName } from './source-names.ts';
import { sourceNotes } from './source-uses.ts';

type Workload = Placed<WorkloadFacts>;

/**
 * A workload that only restart sources ask for. Nothing has to be refreshed before it, so it restarts by this very commit; it
 * is only announced where a restart is due already, which it then goes along with, and where `spec.restartAt` makes it.
 */
export function restartForSources(
  workload: Workload,
  sources: readonly DueSource[],
  scope: Scope,
  drivers: Drivers,
): readonly Edit[] {
  const announced = workload.annotations.get(RESTART_DUE) ?? null;
  const made = restartMade(workload, scope.restart);
  const isPending = announced !== null && announced !== made;
  const waits = isPending || restartsAt(workload, scope.restart);
  const after = formatWorkloadToken(withSources(new Map(), namedBy(workload, scope), sources, 'all'));
  const names = sources.map(({ source }) => titleOf(source)).toSorted();
  const common: Edit = {
    ...addressOf(workload),
    stage: 1,
    target: 'metadata',
    annotation: RESTART_DUE,
    before: announced,
    after,
    secrets: [...new Set(sources.flatMap(({ secrets }) => secrets))].toSorted(),
    ...bringing(sources),
    chain: [...names, `${workload.kind}/${workload.name}`],
    reason: [`${names.join(', ')} changed. ${isPending ? GOES_ALONG : LATER}`, ...overlayNote(workload)].join(' '),
    notes: [
      ...restartNotes(workload, [], scope.restart, drivers),
      ...sourceNotes(
        workload,
        sources.map(({ source }) => source),
      ),
    ],
  };
  if (waits) return [common];
  const restart: Edit = {
    ...common,
    target: 'template',
    template: workload.template,
    annotation: SECRET_VERSIONS,
    before: workload.templateAnnotations.get(SECRET_VERSIONS) ?? null,
    reason: [`${names.join(', ')} changed. ${AT_ONCE}`, ...overlayNote(workload)].join(' '),
  };
  const moved = {
    ...common,
    notes: [],
    reason: `Its earlier ${RESTART_DUE} would ask for one more restart: it moves along.`,
  };
  return announced === null ? [restart] : [moved, restart];
}

const AT_ONCE = 'No object fetches it beforehand: new pods read the value themselves, so it restarts by this commit.';
const GOES_ALONG = 'A restart is due already: it goes along with that, by stage two.';
const LATER = 'It restarts by stage two, which sets spec.restartAt.';

/** How people name a restart source. */
function titleOf({ object }: Pick<IndexedRestartSource, 'object'>): string {
  return `${object.kind}/${object.name}`;
}

/** The versions that restart sources bring, where there are any. */
export function bringing(sources: readonly DueSource[]): { readonly brings?: Token } {
  const token = sources.flatMap((one) => one.token);
  return token.length === 0 ? {} : { brings: token };
}

/**
 * A workload's token with what these sources say now. Of what it named before, entries of other restart sources stay; with
 * `all` everything stays.
 */
export function withSources(
  token: WorkloadToken,
  before: WorkloadToken,
  sources: readonly DueSource[],
  keep: 'sources' | 'all' = 'sources',
): WorkloadToken {
  const kept = [...before].filter(([name]) => keep === 'all' || isSourceName(name));
  const now = sources.map(({ source, digest }) => [source.tokenName, digest] as const);
  return new Map([...kept, ...token, ...now]);
}
