import { plainText } from '../domain/plain-text.ts';
import type { BranchStatus } from '../plan/report/branch-status.ts';
import type { SecretStanding } from '../plan/report/secrets/secret-state.ts';
import type { SecretStatus, SecretVersionStatus, VersionInGit } from '../plan/report/secrets/secret-status.ts';
import { isUnproven } from '../plan/unproven-uses.ts';
import { lookLines, notLookedLines } from './report-lines.ts';

const MOST_ROWS = 1000;
/** More than any column has room for. */
const MOST_LABELS = 4;
/** Together with the blanks between them 120 columns. */
const WIDEST = [38, 13, 13, 14, 34] as const;
const HEADER = ['SECRET', 'IN GIT', 'IN AWS', 'STATE', 'NEXT'] as const;
const GAP = '  ';

type Row = readonly [secret: string, inGit: string, inAws: string, state: string, next: string];

/**
 * One line for each secret that a base branch names, and for each group of its objects where those have other versions. Plain ASCII
 * of at most 120 columns, whatever a name says.
 */
export function secretsTable(branches: readonly BranchStatus[]): string {
  return [...branches.flatMap(branchLines), ''].join('\n');
}

function branchLines(status: BranchStatus): readonly string[] {
  if (status.head === null) return lookLines(status);
  const { secrets, leftAlone } = status;
  const places = new Set(secrets.map(({ account, region }) => `${account}/${region}`));
  const count = secrets.reduce((sum, { versions }) => sum + Math.max(1, versions.length), 0);
  const rows = secrets
    .slice(0, MOST_ROWS)
    .flatMap((secret) => rowsOf(secret, nameOf(secret, places.size)))
    .slice(0, MOST_ROWS);
  const unproven = leftAlone.flatMap(({ objects }) => objects).filter(isUnproven).length;
  return [
    ...lookLines(status),
    ...tableLines(rows),
    ...(count > MOST_ROWS ? [`and ${count - MOST_ROWS} more: see --json`] : []),
    ...(rows.some(([, inGit]) => inGit.includes('(')) ? ['(version): recorded in the baseline'] : []),
    ...(unproven === 0 ? [] : [`and ${unproven} place(s) that may name a secret, not proven: status lists them`]),
    ...notLookedLines(status),
  ];
}

function tableLines(rows: readonly Row[]): readonly string[] {
  const shown = [HEADER, ...rows].map((row) => row.map((cell, at) => cut(ascii(cell), WIDEST[at] ?? 0)));
  const widths = HEADER.map((_, at) => shown.reduce((widest, row) => Math.max(widest, row[at]?.length ?? 0), 0));
  return shown.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

/** Where all secrets lie in one place, that is not said. */
function nameOf({ service, account, region, name }: SecretStatus, places: number): string {
  const kind = service === 'secretsmanager' ? '' : `${service}:`;
  return places > 1 ? `${account}/${region}/${kind}${name}` : `${kind}${name}`;
}

function rowsOf(secret: SecretStatus, name: string): readonly Row[] {
  const { versions } = secret;
  const inAws = secret.inAws
    .slice(0, MOST_LABELS)
    .map((one) => labelled(one.label, short(one.version)))
    .join(' ');
  const aws = inAws === '' ? '-' : inAws;
  if (versions.length < 2) return [[name, gitText(versions[0]), aws, stateText(secret), secret.next]];
  return versions
    .slice(0, MOST_ROWS)
    .map((one) => [`${name} ${objectText(one)}`, gitText(one), aws, stateText(one), one.next]);
}

/** The first of the objects, and how many more there are. */
function objectText({ objects }: SecretVersionStatus): string {
  const [first] = objects;
  if (first === undefined) return '';
  const more = objects.length > 1 ? ` +${objects.length - 1}` : '';
  return `[${first.namespace === null ? '' : `${first.namespace}/`}${first.name}${more}]`;
}

function stateText({ state, pullRequest }: SecretStanding): string {
  return pullRequest === null ? state : `${state} #${pullRequest.number}`;
}

function gitText(versions: SecretVersionStatus | undefined): string {
  if (versions === undefined || versions.inGit.length === 0) return '-';
  return versions.inGit
    .slice(0, MOST_LABELS)
    .map((one) => labelled(one.label, versionText(one)))
    .join(' ');
}

function versionText({ version, baseline }: VersionInGit): string {
  if (version !== null) return short(version);
  return baseline === null ? 'none' : `(${short(baseline)})`;
}

function labelled(label: string, text: string): string {
  return label === 'AWSCURRENT' ? text : `${label.slice(0, 100)}=${text}`;
}

function short(version: string): string {
  return version.slice(0, version.startsWith('sha256-') ? 11 : 8);
}

/** Whatever a terminal takes for more or less than one column is spelled out. */
function ascii(text: string): string {
  return plainText(text, 600).replace(/[^\x20-\x7e]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Names often differ at their ends: what is cut is the middle. */
function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  const head = Math.floor((width - 3) / 2);
  return `${text.slice(0, head)}...${text.slice(text.length - (width - 3 - head))}`;
}
