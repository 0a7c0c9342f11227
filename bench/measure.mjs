// What every measurement here shares: how often, and what is printed.
import { performance } from 'node:perf_hooks';

/** Runs `act` once to warm up and `runs` times; prints the median with the extremes, and returns the last result. */
export function measure(name, runs, act, divisor = 1) {
  let result = act();
  const times = Array.from({ length: runs }, () => {
    const begin = performance.now();
    result = act();
    return (performance.now() - begin) / divisor;
  });
  show(name, times);
  return result;
}

/** The same for what ends later, without a warm-up; `prepare` makes what each run is given, outside the measured time. */
export async function measureLater(name, runs, prepare, act) {
  const times = [];
  for (let at = 1; at <= runs; at += 1) {
    const given = prepare(at);
    const begin = performance.now();
    await act(given);
    times.push(performance.now() - begin);
  }
  show(name, times);
}

/** Megabytes that live objects take; exact with --expose-gc. */
export function heapMegabytes() {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 2 ** 20);
}

function show(name, times) {
  const sorted = times.toSorted((left, right) => left - right);
  const [least, median, most] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].map((time) => time.toFixed(3));
  console.log(`${name.padEnd(40)} median ${median.padStart(10)} ms (${least} to ${most})`);
}
