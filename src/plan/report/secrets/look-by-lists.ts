import { syncAnnotation } from '../../../domain/policy.ts';
import { refKey } from '../../../domain/secret-id.ts';
import { parseToken, type Token } from '../../../domain/token.ts';
import type { Index } from '../../../manifests/graph.ts';
import type { Finds } from '../../../manifests/indexing/possible-use.ts';
import { NOTHING_TURNED_DOWN } from '../../life/turned-down.ts';
import { objectKey, type Skip } from '../../plan.ts';
import { planRefresh } from '../../plan-refresh.ts';
import type { CarryingBranch } from '../../reconcile/carried-tokens.ts';
import type { Scope } from '../../scope.ts';
import type { Truth, Wish } from '../../truth/wish.ts';
import { explainObjects, type UsingObject } from '../explain-objects.ts';
import type { AwsLook } from '../explanation.ts';
import { entriesOf } from '../token-entries.ts';
import { awsLook, EVENT_MODE, writtenRef } from './aws-look.ts';

/** What is known of a secret before anybody was asked about it alone. */
export interface ListedLook {
  readonly wish: Wish;
  readonly aws: AwsLook;
  readonly objects: readonly UsingObject[];
  /** What is left alone for its sake. */
  readonly reasons: readonly Skip[];
  /** True where its own branch, its pull requests or AWS itself may say more. */
  readonly isOpen: boolean;
}

/** What every secret is looked at with. */
export interface ListedRequest {
  readonly index: Index;
  readonly wishes: readonly Wish[];
  /** As lists tell it; empty where AWS is not asked. */
  readonly truth: Truth;
  readonly scope: Scope;
  readonly finds: Finds;
  /** Own branches of stage one. */
  readonly branches: readonly CarryingBranch[];
  /** `key=version` of everything that own branches and their pull requests name. */
  readonly names: readonly string[];
}

/** Looks at every secret by lists and the base alone, by the same plan as for an event, in which nothing has moved. */
export function lookByLists(request: ListedRequest): readonly ListedLook[] {
  const { index, wishes, truth, scope, finds } = request;
  const held = { earlier: new Map(), turnedDown: NOTHING_TURNED_DOWN, notEditable: new Map() };
  const { plan, reasons } = planRefresh({ index, wishes, truth, scope, finds, ...held });
  const touched = touchedBy(request);
  const named = request.names.flatMap((name): Token => parseToken(`${name}@1970-01-01T00:00:00Z`) ?? []);
  return wishes.map((wish, at) => {
    const own = reasons[at] ?? [];
    const objects = explainObjects({ index, wish, truth, edits: plan.edits, reasons: own, onBranch: new Map() });
    const aws = awsOf(index, wish, truth);
    const isOpen =
      objects.some(({ user, standing }) => standing.kind === 'behind' || touched.has(user)) ||
      // A list may not show yet what was made a moment ago.
      aws.kind === 'absent' ||
      entriesOf(named, wish, null).length > 0;
    return { wish, aws, objects, reasons: own, isOpen };
  });
}

function awsOf(index: Index, wish: Wish, truth: Truth): AwsLook {
  const ref = writtenRef(index, wish);
  const known = ref === null ? undefined : truth.get(refKey(ref));
  return known === undefined ? { kind: 'not-asked', reason: EVENT_MODE } : awsLook(known, null);
}

/** Objects that some own branch has another token for. */
function touchedBy({ index, branches }: ListedRequest): ReadonlySet<UsingObject['user']> {
  const touched = new Set<UsingObject['user']>();
  for (const user of index.externalSecrets) {
    const { object } = user;
    const key = objectKey(object);
    const onBase = object.annotations.get(syncAnnotation(object.kind));
    const isTouched = branches.some(({ tokens }) => tokens.has(key) && tokens.get(key) !== onBase);
    if (isTouched) touched.add(user);
  }
  return touched;
}
