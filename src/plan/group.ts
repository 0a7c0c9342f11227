import { sha256Hex } from '../domain/digest.ts';
import type { Stage } from '../domain/policy.ts';
import { type SecretRef, secretKey } from '../domain/secret-id.ts';
import type { Index, IndexedExternalSecret } from '../manifests/graph.ts';
import { usersOf } from '../manifests/query-index.ts';
import { concerns } from './desired-token.ts';
import type { Wish } from './truth/wish.ts';

/** Wishes that are served by one branch and one pull request. */
export interface Group {
  /** The `secretKey` of the smallest secret in it: stable whichever of its secrets moved. */
  readonly key: string;
  /** That secret's name, for people. */
  readonly name: string;
  readonly wishes: readonly Wish[];
}

/**
 * Secrets that meet in one ExternalSecret form one group, transitively: an object is never pulled between two branches.
 * The group is named by the smallest secret of the whole component, whatever was asked for.
 */
export function groupWishes(index: Index, wishes: readonly Wish[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const wish of wishes) {
    const smallest = smallestOf(component(index, wish)) ?? ownSecret(wish);
    const key = refName(smallest);
    const earlier = groups.get(key)?.wishes ?? [];
    groups.set(key, { key, name: smallest.id, wishes: [...earlier, wish] });
  }
  return [...groups.values()].toSorted((left, right) => (left.key < right.key ? -1 : 1));
}

export interface BranchParts {
  readonly prefix: string;
  readonly instance: string;
  readonly base: string;
  readonly group: Pick<Group, 'key' | 'name'>;
  readonly stage: Stage;
}

/**
 * The branch of a group and stage: `<prefix>/<instance>/<name>-<8 hex digits>/<refresh|restart>`. Derived, never random,
 * and a safe ref whatever the secret is called.
 */
export function branchName({ prefix, instance, base, group, stage }: BranchParts): string {
  const digest = sha256Hex(`${base}\n${group.key}`, 8);
  return `${prefix}/${slug(instance)}/${slug(group.name)}-${digest}/${stage === 1 ? 'refresh' : 'restart'}`;
}

function slug(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '');
  return plain === '' ? 'secret' : plain;
}

/** Every secret that is connected with the wish's by ExternalSecrets that name both. */
function component(index: Index, wish: Wish): readonly SecretRef[] {
  const found = new Map<string, SecretRef>();
  const seen = new Set<IndexedExternalSecret>();
  const queue = [...usersOf(index, wish)];
  for (let user = queue.pop(); user !== undefined; user = queue.pop()) {
    if (seen.has(user)) continue;
    seen.add(user);
    for (const secret of secretsOf(user, wish)) {
      if (found.has(refName(secret))) continue;
      found.set(refName(secret), secret);
      queue.push(
        ...usersOf(index, {
          service: secret.service,
          account: secret.account,
          region: secret.region,
          names: [secret.id],
        }),
      );
    }
  }
  return [...found.values()];
}

/** The secrets an object names, by name rather than as written; a key that the wish explains gets the wish's name. */
function secretsOf(user: IndexedExternalSecret, wish: Wish): readonly SecretRef[] {
  return user.references.flatMap((reference) => {
    const { resolution } = reference;
    if (resolution.kind !== 'secret' || reference.reference.follows.kind !== 'label') return [];
    const own = concerns(wish, reference) ? wish.names[0] : undefined;
    return [{ ...resolution.ref, id: own ?? resolution.names[0] ?? resolution.ref.id }];
  });
}

function smallestOf(secrets: readonly SecretRef[]): SecretRef | null {
  return secrets.reduce<SecretRef | null>(
    (least, one) => (least === null || refName(one) < refName(least) ? one : least),
    null,
  );
}

function ownSecret(wish: Wish): SecretRef {
  return { service: wish.service, account: wish.account, region: wish.region, id: wish.names[0] ?? '' };
}

function refName(secret: SecretRef): string {
  return secretKey({ ...secret, name: secret.id });
}
