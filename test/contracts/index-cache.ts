import { afterEach, describe, expect, test } from 'vitest';
import type { IndexKey, LoadedIndex } from '../../src/domain/kept/kept-index.ts';
import type { IndexCache } from '../../src/ports.ts';
import { expectFailure } from './workspace.ts';

/** A cache and what can happen to it, as the contract needs it. */
export interface IndexCacheWorld {
  readonly cache: IndexCache;
  /** Another process's cache at the same place. */
  another(): IndexCache;
  /** Nothing can be saved while `act` runs. */
  whileBroken(act: () => Promise<void>): Promise<void>;
  /** What is kept is no longer what was saved. */
  damage(): Promise<void> | void;
  close(): Promise<void>;
}

const NEVER = new AbortController().signal;
const HEAD = 'a'.repeat(40);
const KEY: IndexKey = { repository: 'https://git.acme.example/apps.git', base: 'main', reading: '[]' };

/** What was loaded, with its lines read. */
async function loaded(cache: IndexCache, key: IndexKey = KEY) {
  const found: LoadedIndex = await cache.load(key);
  return found.kind === 'found' ? { head: found.head, lines: await allOf(found.lines) } : found.kind;
}

/** The lines of what was loaded. */
export async function allOf(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

function manyLines(word: string): readonly string[] {
  return Array.from({ length: 500 }, (_, at) => `${word} ${at}`.padEnd(300, '.'));
}

/** The contract of `IndexCache`, run against what `start` makes. */
export function describeIndexCache(name: string, start: () => Promise<IndexCacheWorld>): void {
  const worlds: IndexCacheWorld[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
  });
  const open = async () => {
    const world = await start();
    worlds.push(world);
    return world;
  };

  describe(name, () => {
    test('what was saved last is loaded, by every process, as often as it is asked for', async () => {
      const world = await open();
      const { cache } = world;
      expect(await loaded(cache)).toBe('absent');
      const lines = ['[1,"grüße 値 \u{1f600}"]', '', ' x ', '{"long":"'.padEnd(100_000, 'ü')];
      await cache.save(KEY, { head: HEAD, lines }, NEVER);
      for (const one of [cache, world.another(), cache]) expect(await loaded(one)).toEqual({ head: HEAD, lines });
      await world.another().save(KEY, { head: 'b'.repeat(40), lines: ['2'] }, NEVER);
      expect(await loaded(cache)).toEqual({ head: 'b'.repeat(40), lines: ['2'] });
      await cache.save(KEY, { head: HEAD, lines: [] }, NEVER);
      expect(await loaded(cache)).toEqual({ head: HEAD, lines: [] });
    });

    test('repositories and bases are kept apart; another way of reading is foreign, and replaced', async () => {
      const { cache } = await open();
      await cache.save(KEY, { head: HEAD, lines: ['mine'] }, NEVER);
      for (const key of [
        { ...KEY, base: 'main2' },
        { ...KEY, repository: 'https://git.acme.example/apps' },
        { ...KEY, repository: `${KEY.repository}\nmain`, base: '' },
        { ...KEY, base: '../../../etc/passwd\0' },
      ]) {
        expect(await loaded(cache, key)).toBe('absent');
        await cache.save(key, { head: HEAD, lines: [key.base] }, NEVER);
        expect(await loaded(cache, key)).toEqual({ head: HEAD, lines: [key.base] });
      }
      expect(await loaded(cache)).toEqual({ head: HEAD, lines: ['mine'] });
      expect(await loaded(cache, { ...KEY, reading: '[1]' })).toBe('foreign');
      await cache.save({ ...KEY, reading: '[1]' }, { head: HEAD, lines: ['new'] }, NEVER);
      expect(await loaded(cache)).toBe('foreign');
    });

    test('what could not be saved, or was stopped, leaves what was there', async () => {
      const world = await open();
      const { cache } = world;
      await cache.save(KEY, { head: HEAD, lines: ['old'] }, NEVER);
      await world.whileBroken(async () => {
        await expectFailure(cache.save(KEY, { head: HEAD, lines: ['new'] }, NEVER), { code: 'file-unwritable' });
        await expectFailure(cache.probe(), { code: 'file-unwritable' });
      });
      expect(await loaded(cache)).toEqual({ head: HEAD, lines: ['old'] });
      await expectFailure(cache.save(KEY, { head: HEAD, lines: ['new'] }, AbortSignal.abort()), { retry: 'later' });
      expect(await loaded(cache)).toEqual({ head: HEAD, lines: ['old'] });
      await cache.save(KEY, { head: HEAD, lines: ['new'] }, NEVER);
      expect(await loaded(cache)).toEqual({ head: HEAD, lines: ['new'] });
    });

    test('two that save at once: one of them is there, whole', async () => {
      const world = await open();
      const { cache } = world;
      for (let at = 0; at < 5; at += 1) {
        await Promise.all(
          ['a', 'b', 'c'].map((word) => world.another().save(KEY, { head: HEAD, lines: manyLines(word) }, NEVER)),
        );
        expect(['a', 'b', 'c'].map((word) => ({ head: HEAD, lines: manyLines(word) }))).toContainEqual(
          await loaded(cache),
        );
      }
    });

    test('what was damaged is nothing, until it is saved again; a probe leaves nothing behind', async () => {
      const world = await open();
      await world.cache.probe();
      expect(await loaded(world.cache)).toBe('absent');
      await world.cache.save(KEY, { head: HEAD, lines: ['x'] }, NEVER);
      await world.damage();
      expect(await loaded(world.cache)).toBe('broken');
      await world.cache.probe();
      expect(await loaded(world.cache)).toBe('broken');
      await world.cache.save(KEY, { head: HEAD, lines: ['y'] }, NEVER);
      expect(await loaded(world.cache)).toEqual({ head: HEAD, lines: ['y'] });
    });
  });
}
