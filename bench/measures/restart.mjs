// A restart of the whole program with an index that its last life kept, until it is ready.
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KEYS } from '../../dist/config/keys/table.js';
import { labelUpdated } from '../../dist/demo/aws/rotation-events.js';
import { WORLD } from '../../dist/demo/world.js';
import { startUntilReady } from '../children/program.mjs';
import { startSlowWorld } from '../host/world.mjs';
import { median, timesText, timeText } from '../rows/statistics.mjs';
import { ENVIRONMENT, writeConfig } from './branch-config.mjs';

/** The rows `restart-…`, on a repository of so many manifests. */
export async function measureRestart({ files, runs }) {
  const world = await startSlowWorld({ files, token: ENVIRONMENT.GITHUB_TOKEN });
  try {
    const folder = join(world.root, 'cache');
    await mkdir(folder);
    const config = await writeConfig(world.root, { ...world, more: cacheIn(folder) });
    const cold = await life(world, config);
    if ((await readdir(folder, { recursive: true })).length === 0) {
      const skipped = `not measured: no cache directory (without one ${timeText(cold.milliseconds)}, ${cold.peak} MB)`;
      return ['restart-time', 'restart-peak'].map((row) => ({ row, files, skipped }));
    }
    const lives = [];
    for (let at = 0; at < runs; at += 1) lives.push(await life(world, config));
    const times = lives.map(({ milliseconds }) => milliseconds);
    const peak = Math.max(...lives.map((one) => one.peak));
    return [
      {
        row: 'restart-time',
        files,
        value: median(times) / 1000,
        measured: timesText(times),
        against: `without one: ${timeText(cold.milliseconds)}`,
      },
      { row: 'restart-peak', files, value: peak, measured: `${peak} MB`, against: `without one: ${cold.peak} MB` },
    ];
  } finally {
    await world.close();
  }
}

/** An event of nobody's secret is waiting, so that the first poll need not wait for one. */
async function life({ sqs }, config) {
  const secret = { account: WORLD.account, region: WORLD.region, name: 'nobody/uses-it', suffix: 'Ab3dEf' };
  sqs.send(WORLD.queue, JSON.stringify(labelUpdated(secret, '4d383ea9-084a-49c9-8722-000000000001')));
  const program = await startUntilReady(config, ENVIRONMENT);
  const peak = await program.peak();
  await program.stop();
  return { milliseconds: program.milliseconds, peak };
}

/** Whichever keys of the configuration name a folder to keep things in. */
function cacheIn(folder) {
  const spec = {};
  for (const { path } of KEYS) {
    const [, section, name] = /^spec\.(\w+)\.(\w*dir\w*)$/i.exec(path) ?? [];
    if (name !== undefined && /cache/i.test(path)) spec[section] = { ...spec[section], [name]: folder };
  }
  return spec;
}
