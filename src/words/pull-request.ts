import type { EventFacts } from '../domain/change.ts';
import { FORCE_SYNC, type Order, type Stage } from '../domain/policy.ts';
import { findEntry, parseToken } from '../domain/token.ts';
import type { Edit, Plan, Skip } from '../plan/plan.ts';
import { subject } from './commit-message.ts';
import { boundedTable, code, mermaidLabel, prose } from './markdown.ts';
import { formatTrailers } from './trailers.ts';

/** GitHub's limit on a body, in characters; ours stays well below. */
export const MAX_BODY_LENGTH = 65_536;

export interface PullRequestText {
  readonly title: string;
  readonly body: string;
}

export interface PullRequestSubject {
  readonly plan: Plan;
  readonly events: readonly EventFacts[];
  readonly order: Order;
  readonly stage: Stage;
}

/** Title and body of a pull request, in Markdown that stays harmless whatever the names in it are. */
export function pullRequestText({ plan, events, order, stage }: PullRequestSubject): PullRequestText {
  // Fewer rows until it fits; with no rows at all the fixed text is far below the limit.
  for (const limit of [100, 25, 5, 0]) {
    const body = [
      opening(stage),
      stage === 1 ? rotated(plan.edits, limit) : null,
      changes(plan.edits, limit),
      restarts(plan.edits, order, stage),
      skipped(plan.skips, limit),
      approval(order, stage),
      limit === 0 ? null : graph(plan.edits, limit),
      rollback(stage),
      trailerBlock(plan.edits, events),
    ]
      .filter((part) => part !== null)
      .join('\n\n');
    if (body.length < MAX_BODY_LENGTH) return { title: subject(plan.edits, stage), body: `${body}\n` };
  }
  return { title: subject(plan.edits, stage), body: `${opening(stage)}\n\n${approval(order, stage)}\n` };
}

function opening(stage: Stage): string {
  return stage === 1
    ? 'A secret changed in AWS. Merging this makes External Secrets Operator fetch the new version. No value is read or shown here.'
    : 'The refresh has been applied. Merging this restarts the workloads that consume the refreshed Secrets.';
}

function rotated(edits: readonly Edit[], limit: number): string {
  const rows = new Map<string, readonly string[]>();
  for (const edit of edits) {
    const token = edit.annotation === FORCE_SYNC ? parseToken(edit.after) : null;
    for (const key of token === null ? [] : edit.secrets) {
      const entry = token === null ? undefined : findEntry(token, key);
      if (entry !== undefined) rows.set(key, [code(key), code(entry.version), entry.time]);
    }
  }
  return `### What rotated\n\n${boundedTable(['Secret', 'Version', 'Seen current at'], [...rows.values()], limit)}`;
}

function changes(edits: readonly Edit[], limit: number): string {
  const rows = edits.map((edit) => [
    code(`${edit.kind} ${edit.namespace === null ? '' : `${edit.namespace}/`}${edit.name}`),
    code(`${edit.path}:${edit.line}`, 200),
    code(edit.annotation),
    prose(edit.reason),
  ]);
  return `### What changes\n\n${boundedTable(['Object', 'File', 'Annotation', 'Why'], rows, limit)}`;
}

function restarts(edits: readonly Edit[], order: Order, stage: Stage): string {
  const workloads = edits.filter((edit) => edit.annotation !== FORCE_SYNC).length;
  if (stage === 2) return `### What restarts\n\n${workloads} workload(s), by a rollout, as soon as this is applied.`;
  const text: Record<Order, string> = {
    staged: `Nothing yet. ${workloads} workload(s) carry \`restart-due\` and restart in a second pull request, after the refresh.`,
    together: `${workloads} annotation(s) on workloads change in the same commit: pods may restart **before** the new value is there.`,
    refreshOnly: 'Nothing: this repository is configured to refresh only.',
  };
  return `### What restarts\n\n${text[order]}`;
}

function skipped(skips: readonly Skip[], limit: number): string | null {
  if (skips.length === 0) return null;
  const rows = skips.map((skip) => [
    code(`${skip.kind} ${skip.namespace === null ? '' : `${skip.namespace}/`}${skip.name}`),
    code(skip.path, 200),
    code(skip.code),
    prose(skip.hint === null ? skip.reason : `${skip.reason} ${skip.hint}`),
  ]);
  return `### What is left alone\n\n${boundedTable(['Object', 'File', 'Code', 'Why'], rows, limit)}`;
}

function approval(order: Order, stage: Stage): string {
  const lines = [
    'Merging approves how this rotation **spreads**, not that it happened: the secret has already changed in AWS.',
    'With a single-user rotation the old password is already dead; every minute until the refresh is an outage for new connections.',
    'Unless an ExternalSecret has `refreshPolicy: OnChange`, it also takes the new value at its next `refreshInterval`, without this pull request.',
  ];
  const staged =
    order === 'staged' && stage === 1 ? ['The restarts announced here follow in a pull request of their own.'] : [];
  return `### What this approves\n\n${[...lines, ...staged].map((line) => `- ${line}`).join('\n')}`;
}

function graph(edits: readonly Edit[], limit: number): string {
  const ids = new Map<string, string>();
  const id = (label: string) => {
    const known = ids.get(label) ?? `n${ids.size}`;
    ids.set(label, known);
    return `${known}["${mermaidLabel(label)}"]`;
  };
  const arrows = new Set<string>();
  for (const edit of edits.slice(0, Math.min(limit, 30))) {
    for (const [at, label] of edit.chain.entries()) {
      const next = edit.chain[at + 1];
      if (next !== undefined) arrows.add(`  ${id(label)} --> ${id(next)}`);
    }
  }
  return ['```mermaid', 'flowchart LR', ...arrows, '```'].join('\n');
}

function rollback(stage: Stage): string {
  return stage === 1
    ? '### Roll back\n\nMove the label back in AWS (`update-secret-version-stage`): the next event proposes the earlier version. Reverting this commit refreshes again, but fetches whatever AWS then calls current.'
    : '### Roll back\n\nRevert this commit: it restarts the workloads again with whatever value the Secret then has.';
}

function trailerBlock(edits: readonly Edit[], events: readonly EventFacts[]): string | null {
  const trailers = formatTrailers(edits, events);
  return trailers === '' ? null : trailers;
}
