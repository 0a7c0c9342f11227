import { refKey } from '../../domain/secret-id.ts';
import type { Token } from '../../domain/token.ts';
import type { IndexedExternalSecret, ResolvedReference } from '../../manifests/graph.ts';
import { pinOf } from '../../manifests/indexing/pins/follow-pins.ts';
import type { Edit, Note, Obstacle } from '../plan.ts';
import type { Scope } from '../scope.ts';
import { secretName } from '../secret-name.ts';
import { isEntryOf, meantOf } from '../truth/concerns.ts';
import { seenVersion } from '../truth/seen-version.ts';
import type { KnownSecret, Truth } from '../truth/wish.ts';
import type { FieldChange } from './field-change.ts';
import { lostPins } from './lost-pins.ts';
import { pinnedAs, pinOfVersion, versionKeys, whyNoVersion, writtenAt } from './pin-place.ts';

/** What pins one object with its new token. */
export interface Pins {
  readonly kind: 'pins';
  readonly fields: readonly FieldChange[];
  readonly notes: readonly Note[];
  /** What its references name afterwards, changed or not: for people. */
  readonly held: readonly { readonly field: string; readonly version: string }[];
}

interface PinContext {
  readonly scope: Pick<Scope, 'pin'>;
  readonly truth: Truth;
}

/**
 * The VersionIds that the references of an object are to name: each that follows AWSCURRENT the one that DescribeSecret has for
 * it. All or nothing: where one cannot be written, the object keeps its token too.
 */
export function pinReferences(
  user: IndexedExternalSecret,
  token: Token,
  { scope, truth }: PinContext,
): Pins | { readonly kind: 'skip'; readonly obstacle: Obstacle } {
  const pin = pinOf(user, scope.pin);
  const pins = pin === 'none' ? [] : user.references.map((one) => pinReference(user, one, { token, truth }));
  const [first] = pins.flatMap((one) => (one.kind === 'skip' ? [one] : []));
  if (first !== undefined) return first;
  const made = pins.flatMap((one) => (one.kind === 'pins' ? [one] : []));
  return {
    kind: 'pins',
    fields: made.flatMap(({ fields }) => fields),
    notes: [...made.flatMap(({ notes }) => notes), ...lostPins(user, truth)],
    held: made.flatMap(({ held }) => held),
  };
}

type ReferencePins = ReturnType<typeof pinReferences>;

const NOTHING: Pins = { kind: 'pins', fields: [], notes: [], held: [] };

function pinReference(
  user: IndexedExternalSecret,
  one: ResolvedReference,
  { token, truth }: { readonly token: Token; readonly truth: Truth },
): ReferencePins {
  const { field } = one.reference;
  const why = whyNoVersion(one);
  if (why !== null) return notPinned(field, why);
  const known = one.resolution.kind === 'secret' ? truth.get(refKey(one.resolution.ref)) : undefined;
  if (known === undefined || known.kind === 'claimed' || known.kind === 'unnamed') return untold(field);
  const seen = versionOf(one, known);
  if (seen.kind === 'nothing') return notPinned(field, seen.obstacle.reason);
  const value = pinOfVersion(seen.version);
  if (value === null) return unfit(field);
  const written = writtenAt(user, one.reference);
  if (written.kind === 'skip') return written;
  const entry = token.find((each) => isEntryOf(user, one, each));
  const change: FieldChange = {
    field: `${field}.version`,
    keys: [...versionKeys(field), 'version'],
    before: written.version,
    after: value,
    beside: { key: 'key', value: written.key },
    ...(entry === undefined ? {} : { secret: secretName(entry, user.home) }),
  };
  return {
    kind: 'pins',
    fields: written.version === value ? [] : [change],
    notes: notChecked(known, field),
    held: [{ field: change.field, version: value }],
  };
}

function versionOf(one: ResolvedReference, known: KnownSecret): ReturnType<typeof seenVersion> {
  const names = one.resolution.kind === 'secret' ? one.resolution.names : [];
  const name = known.kind === 'described' ? known.name : (names[0] ?? '');
  const meant = meantOf(one, name) ?? { kind: 'label', name, label: 'AWSCURRENT' };
  return seenVersion(known, meant, { service: 'secretsmanager', name }, null);
}

function notPinned(field: string, reason: string): Pins {
  const note: Note = { code: 'not-pinned', reason: `${field} is not pinned: ${reason}`, hint: null };
  return { ...NOTHING, notes: [note] };
}

function untold(field: string): ReferencePins {
  return refused(
    `A pin must name a version that AWS has, and AWS was not asked which one ${field} fetches.`,
    'Let AWS be asked (spec.aws.truth: describe, or --config), give --version, or write pin: none.',
  );
}

function unfit(field: string): ReferencePins {
  return refused(
    `The VersionId of what ${field} fetches is not 32 to 64 letters, digits and hyphens: it is not written into a manifest.`,
    'Rotate the secret with a ClientRequestToken such as a UUID, or write pin: none.',
  );
}

/** Why nothing of an object is written: what pins it cannot be. */
function refused(reason: string, hint: string): { readonly kind: 'skip'; readonly obstacle: Obstacle } {
  return { kind: 'skip', obstacle: { code: 'pin-refused', reason, hint } };
}

function notChecked(known: KnownSecret, field: string): readonly Note[] {
  if (known.kind === 'described') return [];
  const reason = `Nobody asked AWS whether it has the version that ${field} is pinned to: it was given on the command line.`;
  return [{ code: 'pin-not-checked', reason, hint: 'With a VersionId that AWS does not have, the refresh fails.' }];
}

/** The edit of an object's token, with what pins it. */
export function pinned(edit: Edit, pins: Pins): Edit {
  const { fields, notes, held } = pins;
  if (fields.length === 0 && notes.length === 0 && held.length === 0) return edit;
  return {
    ...edit,
    ...(fields.length === 0 ? {} : { fields }),
    reason: [edit.reason, ...heldTo(pins)].join(' '),
    notes: [...edit.notes, ...notes],
  };
}

const SHOWN_FIELDS = 5;

/** Which version each reference is held to, the references of one version together. */
function heldTo({ held, fields: changed }: Pins): readonly string[] {
  if (held.length === 0) return [];
  const byVersion = new Map<string, string[]>();
  for (const { field, version } of held) byVersion.set(version, [...(byVersion.get(version) ?? []), field]);
  const versions = [...byVersion].map(([version, fields]) => {
    const more = fields.length - SHOWN_FIELDS;
    const shown = fields.slice(0, SHOWN_FIELDS).join(', ');
    return `${shown}${more > 0 ? ` and ${more} more` : ''} ${fields.length === 1 ? 'is' : 'are'} ${version}`;
  });
  const isFirst = changed.some(({ before }) => pinnedAs(before ?? '') === null);
  return [`Approval is binding${isFirst ? ' from this merge on' : ''}: ${versions.join('; ')}.`];
}
