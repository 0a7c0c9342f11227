import type { SecretService } from '../secret-id.ts';
import type { TokenEntry } from '../token.ts';

/** What an entry of a token stands for: a label of a secret, a secret's tags, or all that a find finds. */
export type Meant =
  | { readonly kind: 'label'; readonly name: string; readonly label: string }
  | { readonly kind: 'tags'; readonly name: string }
  /** `digest`: see `findDigest`. */
  | { readonly kind: 'find'; readonly digest: string };

/** Where in a token it stands. */
type Slot = Pick<TokenEntry, 'name' | 'label'>;

const FIND = 'find';
const TAGS = 'tags';
const DIGEST = /^[0-9a-f]{16}$/;
/** Labels that would be taken for something else, and those that stand for them. */
const TAKEN = /^%*(?:tags|[0-9a-f]{16})$/;

/** Name and label of the entry; no two meanings have the same. A custom label that looks like ours gets a `%` in front. */
export function slotOf(meant: Meant): Slot {
  switch (meant.kind) {
    case 'find':
      return { name: FIND, label: meant.digest };
    case 'tags':
      return { name: meant.name, label: TAGS };
    case 'label': {
      const { name, label } = meant;
      if (label === 'AWSCURRENT') return { name, label: null };
      return { name, label: TAKEN.test(label) ? `%${label}` : label };
    }
  }
}

/** What the entry at a slot stands for. */
export function meantBy({ name, label }: Slot): Meant {
  if (label === null) return { kind: 'label', name, label: 'AWSCURRENT' };
  if (label === TAGS) return { kind: 'tags', name };
  if (name === FIND && DIGEST.test(label)) return { kind: 'find', digest: label };
  return { kind: 'label', name, label: label.startsWith('%') && TAKEN.test(label) ? label.slice(1) : label };
}

/** The service and the name by which an index knows it. */
export function indexedAs(
  meant: Meant,
  service: SecretService,
): { readonly service: SecretService; readonly name: string } {
  return meant.kind === 'find' ? { service: FIND, name: meant.digest } : { service, name: meant.name };
}
