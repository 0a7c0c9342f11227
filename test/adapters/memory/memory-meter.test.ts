import { createMemoryMeter } from '../../../src/adapters/memory/memory-meter.ts';
import { meterContract } from '../../contracts/meter.ts';

meterContract('in memory', () => {
  const meter = createMemoryMeter();
  return { meter, read: async (series) => meter.read(series) };
});
