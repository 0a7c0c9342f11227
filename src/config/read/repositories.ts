import { MERGE_MODES, type MergePolicy } from '../../domain/life/merge-policy.ts';
import {
  KUSTOMIZE_MODES,
  type Mapping,
  ORDERS,
  type PathBinding,
  PINS,
  REBASE_WHEN,
  type RestartPolicy,
  SECRET_USES,
  type StoreBinding,
  WORKLOAD_KINDS,
} from '../../domain/policy.ts';
import type { Branch, Repository } from '../config.ts';
import { readEvidence } from '../evidence/read-evidence.ts';
import { readGroup, readNamedGroups } from '../grouping/read-grouping.ts';
import { STORE_KINDS, UNKNOWN_STORES } from '../keys/repository-keys.ts';
import { RELOADERS, ROLLOUT_RESTARTS, WHEN_RELOADER } from '../keys/restart-keys.ts';
import { CHOSEN_METHODS } from '../opening/merge-keys.ts';
import { type OpeningPolicy, readOpening, STANDARD_OPENING } from '../opening/read-opening.ts';
import { readCommit } from './commit/read-commit.ts';
import { readPushOptions } from './commit/read-push-options.ts';
import { readForge } from './forge.ts';
import { nameOf, offsetOf, type Section } from './section.ts';
import {
  readChoice,
  readDuration,
  readFlag,
  readLabels,
  readSection,
  readSectionOrNull,
  readSectionsOrNull,
  readText,
  readTextOrNull,
  readTexts,
} from './values.ts';

/** `spec.repositories`. */
export function readRepositories(spec: Section, secretsDir: string): readonly Repository[] {
  return (readSectionsOrNull(spec, 'repositories') ?? []).map((repository) => {
    const url = readText(repository, 'url').replace(/\/+$/, '');
    const pull = readSection(repository, 'pullRequest');
    const opening = readOpening(repository, STANDARD_OPENING);
    return {
      name: readText(repository, 'name'),
      url,
      forge: readForge(repository, url, secretsDir),
      branches: (readSectionsOrNull(repository, 'branches') ?? []).map((branch) => readBranch(branch, opening)),
      bindings: {
        stores: (readSectionsOrNull(repository, 'stores') ?? []).map(readStoreBinding),
        paths: (readSectionsOrNull(repository, 'paths') ?? []).map(readPathBinding),
        unknownStore: readChoice(repository, 'unknownStore', UNKNOWN_STORES),
        ...readMappings(repository),
      },
      group: readGroup(readSection(repository, 'group')),
      groups: readNamedGroups(repository),
      restart: readRestart(readSection(repository, 'restart')),
      branchPrefix: readText(repository, 'branchPrefix'),
      pullRequest: {
        labels: readTexts(pull, 'labels'),
        assignees: readTexts(pull, 'assignees'),
        reviewers: readTexts(pull, 'reviewers'),
        teamReviewers: readTexts(pull, 'teamReviewers'),
        draft: readFlag(pull, 'draft'),
        rebaseWhen: readChoice(pull, 'rebaseWhen', REBASE_WHEN),
        ...readTemplates(pull),
      },
      commit: readCommit(repository, secretsDir),
      pushOptions: readPushOptions(repository),
    };
  });
}

function readBranch(branch: Section, opening: OpeningPolicy): Branch {
  const own = readSectionOrNull(branch, 'group');
  return {
    base: readText(branch, 'base'),
    paths: readTexts(branch, 'paths'),
    exclude: readTexts(branch, 'exclude'),
    order: readChoice(branch, 'order', ORDERS),
    pin: readChoice(branch, 'pin', PINS),
    kustomize: readChoice(branch, 'kustomize', KUSTOMIZE_MODES),
    settleMilliseconds: readDuration(branch, 'settle'),
    evidence: readEvidence(branch),
    group: own === null ? null : readGroup(own),
    ...readOpening(branch, opening),
    merge: readMerge(readSection(branch, 'merge')),
  };
}

function readMerge(merge: Section): MergePolicy {
  const method = readChoice(merge, 'method', CHOSEN_METHODS);
  return {
    mode: readChoice(merge, 'mode', MERGE_MODES),
    method: method === 'any' ? null : method,
    minimumAgeMilliseconds: readDuration(merge, 'minimumAge'),
  };
}

function readStoreBinding(store: Section): StoreBinding {
  return {
    kind: readChoice(store, 'kind', STORE_KINDS),
    name: readText(store, 'name'),
    namespace: readTextOrNull(store, 'namespace'),
    account: readText(store, 'account'),
    region: readText(store, 'region'),
  };
}

function readPathBinding(binding: Section): PathBinding {
  return {
    path: readText(binding, 'path'),
    account: readText(binding, 'account'),
    region: readText(binding, 'region'),
  };
}

function readMappings(repository: Section): { readonly mappings?: readonly Mapping[] } {
  const mappings = (readSectionsOrNull(repository, 'mappings') ?? []).map(
    (mapping): Mapping => ({
      secret: readText(mapping, 'secret'),
      account: readTextOrNull(mapping, 'account'),
      region: readTextOrNull(mapping, 'region'),
      workloads: (readSectionsOrNull(mapping, 'workloads') ?? []).map((workload) => ({
        kind: readChoice(workload, 'kind', WORKLOAD_KINDS),
        namespace: readText(workload, 'namespace'),
        name: readTextOrNull(workload, 'name'),
        labels: readLabels(workload, 'labels'),
      })),
    }),
  );
  return mappings.length === 0 ? {} : { mappings };
}

function readRestart(restart: Section): RestartPolicy {
  const on = restart.values.has('on') ? readTexts(restart, 'on') : SECRET_USES;
  return {
    on: SECRET_USES.filter((use) => on.includes(use)),
    rollout: readChoice(restart, 'rollout', ROLLOUT_RESTARTS),
    reloader: readChoice(restart, 'reloader', RELOADERS),
    whenReloader: readChoice(restart, 'whenReloader', WHEN_RELOADER),
    kinds: (readSectionsOrNull(restart, 'kinds') ?? []).map((kind) => ({
      group: readText(kind, 'group'),
      kind: readText(kind, 'kind'),
      template: readText(kind, 'template').split('.'),
    })),
  };
}

function readTemplates(pull: Section) {
  if (pull.values.has('body') && pull.values.has('bodyFile')) {
    const message = `${nameOf(pull, 'body')} and ${nameOf(pull, 'bodyFile')} are two templates of one text`;
    pull.report.problem(offsetOf(pull, 'bodyFile'), message, 'keep one of them');
  }
  return {
    title: readTextOrNull(pull, 'title'),
    body: readTextOrNull(pull, 'body'),
    bodyFile: readTextOrNull(pull, 'bodyFile'),
  };
}
