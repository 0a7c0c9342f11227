import type { Config } from '../../config/config.ts';
import type { Scope } from '../../plan/scope.ts';
import type { PreviewedBranch } from '../../service/report/preview.ts';
import { OWN_WORDS, parseTemplates } from '../../words/templates/say-proposal.ts';

const SETTLE_MILLISECONDS = 360_000;

/** Whose pull requests `plan --preview` shows: those of a configured branch, else of one with the defaults. */
export function previewedBranch(config: Config | null, name: string, scope: Scope): PreviewedBranch {
  const repository = config?.repositories.find((one) => name.startsWith(`${one.name}@`));
  const base = name.slice(name.indexOf('@') + 1) || 'main';
  const common = { scope, base, settleMilliseconds: SETTLE_MILLISECONDS };
  if (config === null || repository === undefined) {
    const settings = { ...common, instance: 'preview', branchPrefix: 'gitops-reloader', templates: OWN_WORDS };
    return { name: `repository@${base}`, settings };
  }
  const { branches, branchPrefix, commit, pullRequest } = repository;
  const settled = branches.find((one) => one.base === base)?.settleMilliseconds ?? SETTLE_MILLISECONDS;
  const { title, body } = pullRequest;
  const templates = parseTemplates({ subject: commit.subject, title, body });
  const settings = { ...common, settleMilliseconds: settled, instance: config.instance, branchPrefix, templates };
  return { name: `${repository.name}@${base}`, settings };
}
