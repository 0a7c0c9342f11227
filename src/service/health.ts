import type { Failure } from '../domain/failure.ts';
import type { Clock, Meter } from '../ports.ts';
import { createLiveness, type Liveness } from './probes/liveness.ts';

/** Something that the service depends on. */
export interface Dependency {
  readonly kind: 'queue' | 'repository';
  /** The queue's name, or `<repository>@<base>`. */
  readonly name: string;
}

/** Why a dependency is not well, for people; `since` in epoch milliseconds. */
export interface Trouble extends Dependency {
  readonly since: number;
  readonly reason: string;
  readonly hint: string | null;
}

export interface Readiness {
  readonly ready: boolean;
  /** One sentence each; also of what does not make it unready. */
  readonly troubles: readonly Trouble[];
  readonly state: 'starting' | 'running' | 'stopping';
}

/** What is known of the dependencies, and of the loops of this process; live, in memory. */
export interface Health extends Liveness {
  /** The last call went through. */
  well(dependency: Dependency): void;
  failing(dependency: Dependency, failure: Failure): void;
  stopping(): void;
  readiness(): Readiness;
}

type State =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'well' }
  | { readonly kind: 'failing'; readonly trouble: Trouble };

/**
 * Ready: every queue answered its last poll, and not every repository fails. One broken repository is told and leaves the
 * others alone. Without dependencies (a paused service) it is ready at once.
 */
export function createHealth(dependencies: readonly Dependency[], clock: Clock, meter: Meter): Health {
  const states = new Map<string, State>(dependencies.map((one) => [keyOf(one), { kind: 'unknown' }]));
  let isStopping = false;
  const report = (dependency: Dependency, state: State) => {
    states.set(keyOf(dependency), state);
    const up = state.kind === 'well' ? 1 : 0;
    if (dependency.kind === 'queue') meter.gauge('queue_up', { queue: dependency.name }, up);
    else meter.gauge('repository_up', { repository: dependency.name }, up);
  };
  const statesOf = (kind: Dependency['kind']) =>
    dependencies.filter((one) => one.kind === kind).map((one) => states.get(keyOf(one))?.kind ?? 'unknown');
  return {
    ...createLiveness(clock),
    well: (dependency) => report(dependency, { kind: 'well' }),
    failing: (dependency, { message, code, hint }) => {
      const earlier = states.get(keyOf(dependency));
      const since = earlier?.kind === 'failing' ? earlier.trouble.since : clock.now();
      report(dependency, {
        kind: 'failing',
        trouble: { ...dependency, since, reason: `${message} [${code}]`, hint },
      });
    },
    stopping: () => {
      isStopping = true;
    },
    readiness: () => {
      const queues = statesOf('queue');
      const repositories = statesOf('repository');
      const isAll = (state: State['kind']) => repositories.length > 0 && repositories.every((one) => one === state);
      const begun = !queues.includes('unknown') && !isAll('unknown');
      const works = !queues.includes('failing') && !isAll('failing');
      const troubles = [...states.values()].flatMap((state) => (state.kind === 'failing' ? [state.trouble] : []));
      if (isStopping) return { ready: false, troubles, state: 'stopping' };
      return { ready: begun && works, troubles, state: begun ? 'running' : 'starting' };
    },
  };
}

function keyOf({ kind, name }: Dependency): string {
  return `${kind} ${name}`;
}
