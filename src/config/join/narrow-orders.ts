import type { Destination, Order } from '../../domain/policy.ts';
import type { Config } from '../config.ts';

/** The order that holds for these destinations where this one is written. */
export function allowedOrder(order: Order, destinations: readonly Destination[]): Order {
  return destinations.some(({ kind }) => kind !== 'ExternalSecret') ? order : 'refreshOnly';
}

/**
 * Destinations that name no workload mean `refreshOnly`, whatever order is written: the narrower of the two holds, so that
 * nothing is announced or restarted that no destination allows. `narrowed` are the paths of the orders that were changed.
 */
export function narrowOrders(config: Config): {
  readonly config: Config;
  readonly narrowed: readonly (readonly (string | number)[])[];
} {
  const narrowed = config.repositories.flatMap(({ branches }, repository) =>
    branches.flatMap(({ order }, branch) =>
      order === allowedOrder(order, config.destinations)
        ? []
        : [['spec', 'repositories', repository, 'branches', branch, 'order']],
    ),
  );
  const repositories = config.repositories.map((repository) => ({
    ...repository,
    branches: repository.branches.map((branch) => ({
      ...branch,
      order: allowedOrder(branch.order, config.destinations),
    })),
  }));
  return { config: { ...config, repositories }, narrowed };
}
