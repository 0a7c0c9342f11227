import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createSystemClock } from '../../src/adapters/local/system-clock.ts';
import type { Log } from '../../src/ports.ts';
import { createHealth } from '../../src/service/health.ts';
import { createServiceMeter, serveStatus } from '../../src/wire/serve-status.ts';

/** Serves on a port that somebody else has, as if the configuration had named it or not. */
async function serveOnTaken(isPortNamed: boolean): Promise<readonly unknown[]> {
  const other = createServer();
  await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { readonly port: number };
  const lines: unknown[] = [];
  const note = (fields: object, message: string) => void lines.push({ ...fields, message });
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const meter = await createServiceMeter('1.2.3');
  const health = createHealth([], createSystemClock(), meter);
  try {
    const server = await serveStatus({ host: '127.0.0.1', port, isPortNamed }, { health, meter, log });
    return [server, ...lines];
  } finally {
    other.close();
  }
}

test('the default port is taken: one line, and no status server', async () => {
  expect(await serveOnTaken(false)).toMatchObject([
    null,
    { message: 'no status server', code: 'status-unavailable', hint: expect.stringContaining('spec.status') },
  ]);
});

test('a port that the configuration names must be had', async () => {
  await expect(serveOnTaken(true)).rejects.toMatchObject({ code: 'status-unavailable' });
});
