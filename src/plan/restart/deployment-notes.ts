import type { Facts, Placed } from '../../manifests/objects.ts';
import type { DeployedBy } from '../../manifests/reading/deployers/deployed-by.ts';
import type { Note } from '../plan.ts';

/** What a person should know of who deploys an object: where nobody applies what is merged, or only by hand. */
export function deploymentNotes({ deployedBy = [] }: Pick<Placed<Facts>, 'deployedBy'>): readonly Note[] {
  const inState = (state: DeployedBy['state']) => deployedBy.filter((one) => one.state === state);
  const [suspended, manual] = [inState('suspended'), inState('manual')];
  return [
    ...(suspended.length === 0 ? [] : [suspendedNote(suspended, deployedBy)]),
    ...(manual.length === 0 ? [] : [manualNote(manual, deployedBy)]),
  ];
}

function suspendedNote(some: readonly DeployedBy[], all: readonly DeployedBy[]): Note {
  return {
    code: 'suspended',
    reason: `${shown(some)}: suspended, so nobody applies this until it is resumed.${others(some, all)}`,
    hint: 'Resume it (spec.suspend: false, or without argocd.argoproj.io/skip-reconcile).',
  };
}

function manualNote(some: readonly DeployedBy[], all: readonly DeployedBy[]): Note {
  return {
    code: 'manual-sync',
    reason: `${shown(some)}: not synced automatically, so this is applied when somebody syncs it.${others(some, all)}`,
    hint: 'Sync it after the merge, and before a restart that follows is merged.',
  };
}

function others(some: readonly DeployedBy[], all: readonly DeployedBy[]): string {
  return some.length === all.length ? '' : ' Others deploy it, too.';
}

function shown(deployers: readonly DeployedBy[]): string {
  const names = deployers.slice(0, 3).map(({ name }) => name);
  return `${names.join(', ')}${deployers.length > 3 ? ` and ${deployers.length - 3} more` : ''}`;
}
