import type { BrokenRule } from './broken-rule.ts';
import type { Config } from './config.ts';

/** What must hold between the keys of `spec.repositories[].mappings`. */
export const MAPPING_RULES: readonly ((config: Config) => readonly BrokenRule[])[] = [
  placesAllowed,
  workloadsChosen,
  once,
];

function placesAllowed({ aws, repositories }: Config): readonly BrokenRule[] {
  return eachMapping(repositories).flatMap(({ mapping, path, shown }) => {
    const { account, region } = mapping;
    const fitting = aws.accounts.filter(({ id }) => account === null || id === account);
    if (fitting.some(({ regions }) => region === null || regions.includes(region))) return [];
    const key = fitting.length === 0 ? 'account' : 'region';
    const message = `${shown} names an account or region that spec.aws.accounts does not allow`;
    return [{ path: [...path, key], message, hint: 'add it to spec.aws.accounts' }];
  });
}

function workloadsChosen({ repositories }: Config): readonly BrokenRule[] {
  return eachMapping(repositories).flatMap(({ mapping, path, shown }) =>
    mapping.workloads.flatMap(({ name, labels }, at) => {
      if (name !== null || Object.keys(labels).length > 0) return [];
      const message = `${shown}.workloads[${at}] has neither a name nor labels`;
      return [{ path: [...path, 'workloads', at], message, hint: 'for example name: api' }];
    }),
  );
}

/** Two entries of one secret would be one name in a workload's annotation. */
function once({ repositories }: Config): readonly BrokenRule[] {
  return repositories.flatMap((repository, index) => {
    const mappings = eachMapping([repository]);
    const keys = mappings.map(({ mapping: { secret, account, region } }) =>
      secret === '' ? '' : JSON.stringify([secret, account, region]),
    );
    return mappings.flatMap(({ at }) => {
      const key = keys[at] ?? '';
      if (key === '' || keys.indexOf(key) === at) return [];
      const message = `spec.repositories[${index}].mappings[${at}] maps a secret that is mapped already`;
      const path = ['spec', 'repositories', index, 'mappings', at, 'secret'];
      return [{ path, message, hint: 'put all its workloads into one entry' }];
    });
  });
}

function eachMapping(repositories: Config['repositories']) {
  return repositories.flatMap(({ bindings }, index) =>
    (bindings.mappings ?? []).map((mapping, at) => ({
      mapping,
      at,
      path: ['spec', 'repositories', index, 'mappings', at] as const,
      shown: `spec.repositories[${index}].mappings[${at}]`,
    })),
  );
}
