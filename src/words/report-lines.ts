import { plainText } from '../domain/plain-text.ts';
import type { BranchLook, ShownObject, ShownPull } from '../plan/report/look.ts';
import type { UntoldDeployer } from '../plan/unproven-uses.ts';

const MOST_TROUBLES = 10;
const MOST_DEPLOYERS = 20;

/** The lines of at most `limit` items, and how many more there are. */
export function bounded<T>(
  items: readonly T[],
  { limit, indent }: { readonly limit: number; readonly indent: string },
  lines: (item: T) => readonly string[],
): readonly string[] {
  const more = items.length > limit ? [`${indent}and ${items.length - limit} more`] : [];
  return [...items.slice(0, limit).flatMap(lines), ...more];
}

/** A reason and its next step, as the lines below an item. */
export function because(
  { reason, hint }: { readonly reason: string; readonly hint: string | null },
  indent: string,
): readonly string[] {
  const next = hint === null ? [] : [`${indent}next:    ${plainText(hint, 600)}`];
  return [`${indent}because: ${plainText(reason, 600)}`, ...next];
}

/** Where an object stands and what it is called, safe for one line of a terminal. */
export function address(object: {
  readonly path: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly line?: number;
}): string {
  const line = object.line === undefined ? '' : `:${object.line}`;
  // A file has no other name than its path.
  if (object.kind === 'File') return plainText(`${object.path}${line}`, 600);
  const namespace = object.namespace === null ? '' : `${object.namespace}/`;
  return plainText(`${object.path}${line}  ${object.kind} ${namespace}${object.name}`, 600);
}

/** Where an object stands, and which overlay it is looked at through. */
export function shownAddress(object: ShownObject): string {
  const { inOverlay } = object;
  return inOverlay === undefined ? address(object) : `${address(object)} (overlay ${plainText(inOverlay, 400)})`;
}

/** A pull request in a few words. */
export function pullText({ number, url, state }: ShownPull): string {
  return `#${number} (${state}) ${plainText(url)}`;
}

/** Which branch a report is about, at which commit, and what keeps it from being written to or looked at. */
export function lookLines({ name, head, paused, troubles }: BranchLook): readonly string[] {
  const where = plainText(name ?? 'local checkout');
  const at =
    head === null && troubles.length > 0 ? 'could not be read' : `at ${head?.slice(0, 12) ?? 'an unknown commit'}`;
  return [
    `${where}  ${at}`,
    ...(paused === null ? [] : ['  paused', ...because(paused, '    ')]),
    ...bounded(troubles, { limit: MOST_TROUBLES, indent: '  ' }, ({ subject, message, code, hint }) => [
      `  could not look at ${plainText(subject)}`,
      ...because({ reason: `${message} [${code}]`, hint }, '    '),
    ]),
  ];
}

/** What a report says nothing about. */
export function notLookedLines({ notLooked }: BranchLook): readonly string[] {
  return notLooked.length === 0 ? [] : [`  not looked at: ${plainText(notLooked.join('; '), 1000)}`];
}

/** What deploys and could not be read, one line each with its reason and the fix; nothing where there is none. */
export function deployerLines(deployers: readonly UntoldDeployer[], indent: string): readonly string[] {
  if (deployers.length === 0) return [];
  return [
    `${indent}${deployers.length} deployer(s) of which it could not be told what they deploy from here`,
    ...bounded(deployers, { limit: MOST_DEPLOYERS, indent: `${indent}  ` }, ({ code, name, reason, hint }) => [
      `${indent}  ${plainText(`${name}  ${code}: ${reason} ${hint}`, 1000)}`,
    ]),
  ];
}
