import type { BranchStatus } from '../../src/plan/report/branch-status.ts';
import type { BranchExplanation, Explanation } from '../../src/plan/report/explanation.ts';
import type { BranchLook, ShownObject, ShownPull } from '../../src/plan/report/look.ts';
import type { RestartStanding } from '../../src/plan/report/restart-standing.ts';
import { repoPath, t, v } from '../plan/repository.ts';

const OID = '0123456789abcdef0123456789abcdef01234567';

/** Reports in which every text that comes from outside is this one, and every list has `size` items. */
export function hostileReports(text: string, size = 1) {
  const many = <T>(item: T): readonly T[] => Array.from({ length: size }, () => item);
  const object: ShownObject = { path: text, line: 7, kind: text, namespace: text, name: text };
  const pull: ShownPull = { number: 7, url: text, state: 'closed-by-person', names: many(text) };
  const restart: RestartStanding = { kind: 'rejected', reason: text, hint: text, until: null, pullRequest: pull };
  const skip = { ...object, path: repoPath('x.yaml'), code: 'unreadable-file', reason: text, hint: text } as const;
  const state = { state: 'rejected', pullRequest: pull, next: text } as const;
  const standing = { kind: 'rejected', reason: text, hint: text } as const;
  const look: BranchLook = {
    name: text,
    head: OID,
    paused: { reason: text, hint: text },
    troubles: many({ subject: text, message: text, code: 'git-denied', hint: text }),
    notLooked: many(text),
  };
  const status: BranchStatus = {
    ...look,
    secrets: many({
      service: 'secretsmanager',
      account: text,
      region: text,
      name: text,
      inAws: many({ label: text, version: text }),
      ...state,
      versions: many({ inGit: many({ label: text, version: null, baseline: v(1) }), ...state, objects: many(object) }),
    }),
    behind: many({ path: text, kind: text, namespace: text, name: text, lacks: text, branch: text }),
    withoutBaseline: { objects: 7, kind: 'rejected', reason: text, hint: text, pullRequest: text },
    reverted: many({ name: text, pullRequest: pull }),
    ownBranches: many({
      branch: text,
      head: OID,
      stage: 'refresh',
      tip: 'foreign',
      author: text,
      group: text,
      rotations: many(text),
      restarts: many(text),
      pullRequest: pull,
      standing,
    }),
    restarts: many({ ...object, branch: text, standing: restart }),
    rejected: many({ name: text, pullRequest: pull }),
    leftAlone: many({ code: 'unreadable-file', objects: many(skip) }),
    deployers: many({ code: 'unresolved', path: 'x.yaml', name: text, reason: text, hint: text }),
  };
  const proposal = {
    branch: text,
    part: text,
    tip: 'foreign',
    author: text,
    pulls: many(pull),
    rejected: many({ version: v(2), pullRequest: pull }),
    merged: many({ version: v(1), pullRequest: pull }),
    standing,
  } as const;
  const explanation: Explanation = {
    secret: { service: 'secretsmanager', account: text, region: text, names: many(text) },
    aws: {
      kind: 'described',
      versions: many({ label: text, version: text }),
      seenAt: t(3),
      deleted: true,
      replication: { primaryRegion: text, status: null, replicas: many({ region: text, status: 'InProgress' }) },
    },
    objects: many({
      ...object,
      chain: many(text),
      references: many({ field: text, line: 9, follows: text }),
      entries: many({
        label: text,
        inGit: { version: v(1), time: t(1) },
        baseline: { version: v(1), time: t(1) },
        onBranch: v(2),
        inAws: v(2),
        isEqual: false,
      }),
      standing: { ...standing, code: 'rejected-by-people' },
      workloads: [
        ...many({ ...object, restart, restartDue: text, restartMade: text }),
        ...many({ ...object, isBypassed: true as const, restart, restartDue: null, restartMade: null }),
      ],
      appliedBy: { kind: 'statuses', contexts: many(text), delaySeconds: 60 },
      stages: many({ stage: 'restart', kind: 'held', sentence: text }),
    }),
    possible: many(skip),
    elsewhere: many({ ...object, reason: text }),
    proposal,
    otherProposals: many(proposal),
    nearNames: many(text),
    next: { kind: 'rejected', sentence: text },
    state,
  };
  const explained: BranchExplanation = { ...look, explanation, unclear: { message: text, hint: text } };
  return { status, explained };
}
