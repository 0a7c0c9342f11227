import { tagsVersion } from '../../domain/find/find-filter.ts';
import type { Meant } from '../../domain/find/token-slot.ts';
import type { SecretService } from '../../domain/secret-id.ts';
import { type TokenEntry, tokenVersion } from '../../domain/token.ts';
import type { Obstacle } from '../plan.ts';
import type { KnownSecret } from './wish.ts';

/** The version that a reference would fetch now, as AWS or an event names it; or why that cannot be said. */
export type SeenVersion =
  | { readonly kind: 'version'; readonly version: string; readonly time: string }
  | { readonly kind: 'nothing'; readonly obstacle: Obstacle };

/** Which version of `secret` is fetched now. `existing` is the entry that the object's token already has for it. */
export function seenVersion(
  known: KnownSecret | undefined,
  meant: Meant,
  { service, name }: { readonly service: SecretService; readonly name: string },
  existing: TokenEntry | null,
): SeenVersion {
  const label = labelOf(meant);
  if (known === undefined) return nothing('version-unknown', `Which version of ${name} is current is not known.`);
  switch (known.kind) {
    case 'absent':
      return absent(service, name);
    case 'replaced':
      return nothing(
        'secret-absent',
        `The ARN in its key ends in -${known.written}, that of ${name} in -${known.suffix}: it is another secret.`,
        'Update the ARN, or use the name.',
      );
    case 'denied':
      return denied(service, name);
    case 'unnamed':
      return unnamedVersion(known.seenAt, label, name, existing);
    case 'claimed':
      return claimedVersion(known, label, name, existing);
    case 'stated':
      return labelledVersion(known, label, name);
    case 'described':
      return describedVersion(known, label, name);
    case 'untold':
      return { kind: 'nothing', obstacle: known.obstacle };
  }
}

/** It moved, to nobody knows what. */
function unnamedVersion(time: string, label: string | null, name: string, existing: TokenEntry | null): SeenVersion {
  if (label === null) return nothing('version-unknown', UNTOLD_TAGS);
  if (existing === null) return { kind: 'version', version: `unnamed version of ${name}`, time };
  return nothing(
    'version-unknown',
    `It already has an entry for ${name}, and which version is current is not known.`,
    'Give --version, or --config so that AWS is asked.',
  );
}

function absent(service: SecretService, name: string): SeenVersion {
  const noun = service === 'ssm' ? 'parameter' : 'secret';
  return nothing('secret-absent', `AWS knows no ${noun} ${name} there.`, 'Check the key, the account and the region.');
}

function denied(service: SecretService, name: string): SeenVersion {
  return service === 'ssm'
    ? nothing(
        'secret-denied',
        `AWS denies DescribeParameters, so the version of ${name} is not known.`,
        'Grant ssm:DescribeParameters on the resource *: AWS knows it for no single parameter.',
      )
    : nothing('secret-denied', `AWS denies DescribeSecret for ${name}.`, 'Grant secretsmanager:DescribeSecret on it.');
}

function describedVersion(
  known: KnownSecret & { readonly kind: 'described' },
  label: string | null,
  name: string,
): SeenVersion {
  if (known.deleted) {
    return nothing(
      'secret-deleted',
      `${name} is scheduled for deletion: its value cannot be read.`,
      'Restore it in AWS.',
    );
  }
  if (label === null) return { kind: 'version', version: tagsVersion(known.tags), time: known.seenAt };
  return labelledVersion(known, label, name);
}

function labelledVersion(
  { versions, seenAt }: KnownSecret & { readonly kind: 'described' | 'stated' },
  label: string | null,
  name: string,
): SeenVersion {
  if (label === null) return nothing('version-unknown', UNTOLD_TAGS);
  const version = versions.get(label);
  if (version === undefined) return nothing('version-unknown', `No version of ${name} carries the label ${label}.`);
  return { kind: 'version', version, time: seenAt };
}

const UNTOLD_TAGS = 'It fetches tags, which only AWS tells.';

/** Null for tags, which have none. */
function labelOf(meant: Meant): string | null {
  if (meant.kind === 'tags') return null;
  return meant.kind === 'find' ? 'AWSCURRENT' : meant.label;
}

/** An event may come late: what is as new or newer stays. */
function claimedVersion(
  known: KnownSecret & { readonly kind: 'claimed' },
  label: string | null,
  name: string,
  existing: TokenEntry | null,
): SeenVersion {
  if (label === null) return nothing('version-unknown', UNTOLD_TAGS);
  const claim = known.versions.get(label);
  if (claim === undefined) return nothing('version-unknown', `The event names no version of ${name} for ${label}.`);
  const { version, seenAt } = claim;
  const older = existing !== null && existing.version !== tokenVersion(version) && existing.time >= seenAt;
  return older
    ? nothing('older-event', `Its entry for ${name} is from ${existing.time}, the event from ${seenAt}.`)
    : { kind: 'version', version, time: seenAt };
}

function nothing(code: Obstacle['code'], reason: string, hint: string | null = null): SeenVersion {
  return { kind: 'nothing', obstacle: { code, reason, hint } };
}
