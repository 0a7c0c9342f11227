import { ORDERING } from '../../../reading/deployers/deployed-by.ts';
import type { Overlay } from '../overlays.ts';
import type { PlacedObject } from '../place-object.ts';

const PARTS = ['argocd.argoproj.io', 'helm.sh/hook', 'helm.sh~1hook', '"$patch"'];

/** Of an object's annotations those that order it. */
export function orderingAmong(annotations: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...annotations].filter(([key]) => ORDERING.includes(key)));
}

/** It with a word on its order, where something changes that and nobody can tell to what. */
export function withOrdering<T extends PlacedObject>(object: T): T {
  const isTold = object.ordering !== undefined || !object.overlays.some((one) => mayOrder(one));
  return isTold ? object : { ...object, ordering: null };
}

/** What orders an object in all its deployments; null where it is not the same in each. */
export function oneOrdering(alone: readonly PlacedObject[]): ReadonlyMap<string, string> | null {
  const orderings = alone
    .map((one) => withOrdering(one))
    .map((one) => {
      return one.ordering === undefined ? orderingAmong(one.annotations) : one.ordering;
    });
  const [first = null, ...others] = orderings;
  return others.every((one) => textOf(one) === textOf(first)) ? first : null;
}

function textOf(ordering: ReadonlyMap<string, string> | null): string {
  return JSON.stringify(ordering === null ? null : [...ordering].map((pair) => JSON.stringify(pair)).toSorted());
}

/** Whether it may change the annotations that order. */
function mayOrder({ step, fields }: Overlay): boolean {
  switch (step.kind) {
    case 'replicas':
      return false;
    case 'unread':
      return true;
    case 'replacement':
      return fields.some((field) => /^(?:\*|metadata(?:$|\.annotations|\.\*))/.test(field));
    case 'patch': {
      const { change, isOurs = false } = step.patch;
      return isOurs || change === undefined || PARTS.some((part) => change.includes(part));
    }
  }
}
