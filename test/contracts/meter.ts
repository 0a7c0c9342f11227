import { describe, expect, test } from 'vitest';
import type { Meter } from '../../src/ports.ts';

export interface MeterWorld {
  readonly meter: Meter;
  /** A counter or a gauge, as `name{label="value"}`; the number of observations for a duration. Null when never told. */
  readonly read: (series: string) => Promise<number | null>;
}

/** What every meter keeps, whatever shows it. */
export function meterContract(name: string, open: () => MeterWorld): void {
  const check = (title: string, run: (world: MeterWorld) => Promise<void>) => test(title, () => run(open()));

  describe(`meter contract: ${name}`, () => {
    check('a counter adds up, for each of its labels', async ({ meter, read }) => {
      meter.count('outcomes_total', { repository: 'apps@main', outcome: 'published' });
      meter.count('outcomes_total', { outcome: 'published', repository: 'apps@main' }, 4);
      meter.count('outcomes_total', { repository: '', outcome: 'ignored' });
      expect(await read('outcomes_total{outcome="published",repository="apps@main"}')).toBe(5);
      expect(await read('outcomes_total{outcome="ignored",repository=""}')).toBe(1);
      expect(await read('outcomes_total{outcome="ignored",repository="apps@main"}')).toBeNull();
    });

    check('a counter that counts nothing is there', async ({ meter, read }) => {
      meter.count('messages_received_total', { queue: 'events' }, 0);
      expect(await read('messages_received_total{queue="events"}')).toBe(0);
    });

    check('a gauge is what it was last', async ({ meter, read }) => {
      for (const value of [3, 1, -2]) meter.gauge('messages_in_hand', { queue: 'events' }, value);
      meter.gauge('queue_up', { queue: 'events' }, 1);
      expect(await read('messages_in_hand{queue="events"}')).toBe(-2);
      expect(await read('queue_up{queue="events"}')).toBe(1);
    });

    check('durations are counted', async ({ meter, read }) => {
      for (const seconds of [0, 0.2, 5000, 1e9]) meter.observe('sweep_seconds', { repository: 'apps@main' }, seconds);
      expect(await read('sweep_seconds{repository="apps@main"}')).toBe(4);
      expect(await read('handling_seconds{repository="apps@main"}')).toBeNull();
    });

    check('what is no number, or would count backwards, is left out', async ({ meter, read }) => {
      for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        meter.count('notices_total', { queue: 'events' }, wrong);
        meter.gauge('queue_up', { queue: 'events' }, wrong);
        meter.observe('message_age_seconds', { queue: 'events' }, wrong);
      }
      meter.count('notices_total', { queue: 'events' }, -1);
      meter.observe('message_age_seconds', { queue: 'events' }, -1);
      expect(await read('notices_total{queue="events"}')).toBeNull();
      expect(await read('queue_up{queue="events"}')).toBeNull();
      expect(await read('message_age_seconds{queue="events"}')).toBeNull();
    });
  });
}
