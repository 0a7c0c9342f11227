import type { Bindings } from '../domain/policy.ts';
import type { BrokenRule } from './broken-rule.ts';
import type { Config } from './config.ts';
import { GROUPING_RULES } from './grouping/grouping-rules.ts';
import { MAPPING_RULES } from './mapping-rules.ts';

type Rule = (config: Config) => readonly BrokenRule[];

const RULES: readonly Rule[] = [
  capNotBelowWindow,
  accountsOnce,
  queuesOnce,
  repositoriesOnce,
  basesOnce,
  basesApart,
  bindingsAllowed,
  bindingsOnce,
  namespacesBelong,
  ...MAPPING_RULES,
  ...GROUPING_RULES,
  partitionsAgree,
  restartKindsOnce,
  restartsForSomething,
  signedOnce,
];

/** Every rule between keys that this config breaks. */
export function brokenRules(config: Config): readonly BrokenRule[] {
  return RULES.flatMap((rule) => rule(config));
}

function capNotBelowWindow({ coalesce }: Config): readonly BrokenRule[] {
  if (coalesce.capMilliseconds >= coalesce.windowMilliseconds) return [];
  const message = 'spec.coalesce.cap is shorter than spec.coalesce.window';
  return [{ path: ['spec', 'coalesce'], message, hint: 'the defaults are 10s for window and 60s for cap' }];
}

function accountsOnce({ aws }: Config): readonly BrokenRule[] {
  return repeated(aws.accounts.map((account) => account.id)).map((at) => ({
    path: ['spec', 'aws', 'accounts', at, 'id'],
    message: `spec.aws.accounts[${at}].id is there twice`,
    hint: 'list all regions of an account in one entry',
  }));
}

function queuesOnce({ sources }: Config): readonly BrokenRule[] {
  return repeated(sources.map((source) => source.queueUrl)).map((at) => ({
    path: ['spec', 'notificationSources', at, 'awsSqs', 'queueURL'],
    message: `spec.notificationSources[${at}].awsSqs.queueURL is there twice`,
    hint: 'one entry listens well enough',
  }));
}

function repositoriesOnce({ repositories }: Config): readonly BrokenRule[] {
  const names = repeated(repositories.map((repository) => repository.name)).map((at) => ({
    path: ['spec', 'repositories', at, 'name'],
    message: `spec.repositories[${at}].name is there twice`,
    hint: 'give each repository a name of its own',
  }));
  const urls = repeated(repositories.map((repository) => urlKey(repository.url))).map((at) => ({
    path: ['spec', 'repositories', at, 'url'],
    message: `spec.repositories[${at}].url is there twice`,
    hint: 'list all branches of a repository in one entry',
  }));
  return [...names, ...urls];
}

/** Two entries of one base would fight for the same branch names. */
function basesOnce({ repositories }: Config): readonly BrokenRule[] {
  return repositories.flatMap(({ branches }, index) =>
    repeated(branches.map((branch) => branch.base)).map((at) => ({
      path: ['spec', 'repositories', index, 'branches', at, 'base'],
      message: `spec.repositories[${index}].branches[${at}].base is there twice`,
      hint: 'list all paths of a base in one entry',
    })),
  );
}

/** A base among the own branches could be taken for one of them; one above them leaves Git no room for their names. */
function basesApart({ instance, repositories }: Config): readonly BrokenRule[] {
  return repositories.flatMap(({ branches, branchPrefix }, index) => {
    const own = `${branchPrefix}/${instance}/`;
    return branches.flatMap(({ base }, at) => {
      if (!base.startsWith(own) && !own.startsWith(`${base}/`)) return [];
      const message = `spec.repositories[${index}].branches[${at}].base is in the way of the own branches, ${own}…`;
      const path = ['spec', 'repositories', index, 'branches', at, 'base'];
      return { path, message, hint: 'choose another branchPrefix' };
    });
  });
}

function bindingsAllowed({ aws, repositories }: Config): readonly BrokenRule[] {
  return repositories.flatMap(({ bindings }, index) =>
    [...listed('stores', bindings.stores), ...listed('paths', bindings.paths)].flatMap(({ list, at, binding }) => {
      const account = aws.accounts.find((one) => one.id === binding.account);
      if (account?.regions.includes(binding.region) === true) return [];
      const shown = `spec.repositories[${index}].${list}[${at}]`;
      return {
        path: ['spec', 'repositories', index, list, at, account === undefined ? 'account' : 'region'],
        message: `${shown} stands for an account or region that spec.aws.accounts does not allow`,
        hint: 'add it to spec.aws.accounts',
      };
    }),
  );
}

/** Of two bindings of one store, or of one pattern, nobody could tell which is meant. */
function bindingsOnce({ repositories }: Config): readonly BrokenRule[] {
  return repositories.flatMap(({ bindings }, index) => {
    const shown = `spec.repositories[${index}]`;
    const stores = bindings.stores.map(({ kind, name, namespace }) =>
      name === '' ? '' : JSON.stringify([kind, name, namespace]),
    );
    return [
      ...repeated(stores).map((at) => ({
        path: ['spec', 'repositories', index, 'stores', at, 'name'],
        message: `${shown}.stores[${at}] binds a store that is bound already`,
        hint: 'keep one of them, or tell them apart by namespace',
      })),
      ...repeated(bindings.paths.map(({ path }) => path)).map((at) => ({
        path: ['spec', 'repositories', index, 'paths', at, 'path'],
        message: `${shown}.paths[${at}].path is there twice`,
        hint: 'the first that matches decides: the other one never would',
      })),
    ];
  });
}

function namespacesBelong({ repositories }: Config): readonly BrokenRule[] {
  return repositories.flatMap(({ bindings }, index) =>
    bindings.stores.flatMap(({ kind, namespace }, at) => {
      if (kind !== 'ClusterSecretStore' || namespace === null) return [];
      const message = `spec.repositories[${index}].stores[${at}].namespace has no meaning for a ClusterSecretStore`;
      return { path: ['spec', 'repositories', index, 'stores', at, 'namespace'], message, hint: 'take it out' };
    }),
  );
}

/** A kind that is known has its pod template where it is known to be; of two entries nobody could tell which is meant. */
function restartKindsOnce({ repositories }: Config): readonly BrokenRule[] {
  return repositories.flatMap(({ restart: { kinds } }, index) => {
    const shown = `spec.repositories[${index}].restart.kinds`;
    const path = ['spec', 'repositories', index, 'restart', 'kinds'];
    const names = kinds.map(({ group, kind }) => (group === '' || kind === '' ? '' : `${group}/${kind}`));
    const known = names.flatMap((name, at) =>
      /^(?:argoproj\.io\/Rollout|.*external-secrets\.io\/.*)$/.test(name) ? [at] : [],
    );
    return [
      ...known.map((at) => ({
        path: [...path, at, 'kind'],
        message: `${shown}[${at}] names a kind that is known already`,
        hint: 'take it out',
      })),
      ...repeated(names).map((at) => ({
        path: [...path, at, 'kind'],
        message: `${shown}[${at}] names a kind that is there already`,
        hint: 'keep one of them',
      })),
    ];
  });
}

function restartsForSomething({ repositories }: Config): readonly BrokenRule[] {
  return repositories.flatMap(({ restart: { on } }, index) => {
    if (on.length > 0) return [];
    const message = `spec.repositories[${index}].restart.on names nothing to restart for`;
    return {
      path: ['spec', 'repositories', index, 'restart', 'on'],
      message,
      hint: 'to refresh only, write order: refreshOnly',
    };
  });
}

/** What GitHub makes it signs itself, or not at all: a signature of ours would not be of its commit. */
function signedOnce({ repositories }: Config): readonly BrokenRule[] {
  return repositories.flatMap(({ commit: { via, signing } }, index) => {
    if (via === 'git' || signing === null) return [];
    const message = `spec.repositories[${index}].commit.signing has no meaning under via: api`;
    const path = ['spec', 'repositories', index, 'commit', 'signing'];
    return { path, message, hint: 'GitHub signs for a GitHub App; take it out, or write via: git' };
  });
}

/** China, GovCloud and the others are worlds of their own: no role of one is assumed in another. */
function partitionsAgree({ aws }: Config): readonly BrokenRule[] {
  return aws.accounts.flatMap(({ role, additionalRoles, regions }, at) => {
    const partitions = new Set(regions.filter((region) => region !== '').map((region) => partitionOf(region)));
    for (const one of [role ?? '', ...additionalRoles]) if (one !== '') partitions.add(one.split(':')[1] ?? '');
    if (partitions.size < 2) return [];
    const message = `spec.aws.accounts[${at}] mixes partitions: ${[...partitions].toSorted().join(', ')}`;
    return { path: ['spec', 'aws', 'accounts', at], message, hint: 'an account, its role and its regions are of one' };
  });
}

const PARTITIONS: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, 'aws-cn'],
  [/^us-gov-/, 'aws-us-gov'],
  [/^us-iso-/, 'aws-iso'],
  [/^us-isob-/, 'aws-iso-b'],
  [/^eu-isoe-/, 'aws-iso-e'],
  [/^us-isof-/, 'aws-iso-f'],
  [/^eusc-/, 'aws-eusc'],
];

function partitionOf(region: string): string {
  return PARTITIONS.find(([pattern]) => pattern.test(region))?.[1] ?? 'aws';
}

type Bound = Bindings['stores' | 'paths'][number];

function listed(list: 'stores' | 'paths', bindings: readonly Bound[]) {
  return bindings.map((binding, at) => ({ list, at, binding }));
}

/** Positions whose value stood before; wrong values (already reported) are empty and do not count. */
function repeated(values: readonly string[]): readonly number[] {
  return values.flatMap((value, at) => (value !== '' && values.indexOf(value) < at ? [at] : []));
}

function urlKey(url: string): string {
  if (!URL.canParse(url)) return '';
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`.toLowerCase().replace(/\.git$/, '');
}
