import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What strings and objects of this thread take, once garbage is collected. */
export function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
