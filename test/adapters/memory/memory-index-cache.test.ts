import { createMemoryIndexCache } from '../../../src/adapters/memory/memory-index-cache.ts';
import { describeIndexCache } from '../../contracts/index-cache.ts';

describeIndexCache('index cache in memory', async () => {
  const cache = createMemoryIndexCache();
  return {
    cache,
    another: () => cache,
    whileBroken: async (act) => cache.whileBroken(act),
    damage: async () => cache.damage(),
    close: async () => undefined,
  };
});
