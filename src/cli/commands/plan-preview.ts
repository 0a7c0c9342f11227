import type { Config } from '../../config/config.ts';
import { NO_EVIDENCE } from '../../domain/life/evidence-policy.ts';
import type { Scope } from '../../plan/scope.ts';
import type { PreviewedBranch } from '../../service/report/preview.ts';
import { OWN_WORDS, parseTemplates } from '../../words/templates/say-proposal.ts';
import type { PlannedBranch } from '../planned-branch.ts';

const SETTLE_MILLISECONDS = 360_000;

/** Whose pull requests `plan --preview` shows: those of a configured branch, else of one with the defaults. */
export function previewedBranch(config: Config | null, planned: PlannedBranch | null, scope: Scope): PreviewedBranch {
  if (config === null || planned === null) {
    const times = { settleMilliseconds: SETTLE_MILLISECONDS, evidence: NO_EVIDENCE };
    const settings = { scope, base: 'main', ...times, templates: OWN_WORDS };
    return { name: 'repository@main', settings: { ...settings, instance: 'preview', branchPrefix: 'gitops-reloader' } };
  }
  const { name, repository, branch } = planned;
  const { base, settleMilliseconds, evidence } = branch;
  const { branchPrefix, commit, pullRequest } = repository;
  const { title, body } = pullRequest;
  const templates = parseTemplates({ subject: commit.subject, title, body });
  const settings = { scope, base, settleMilliseconds, evidence, instance: config.instance, branchPrefix, templates };
  return { name, settings };
}
