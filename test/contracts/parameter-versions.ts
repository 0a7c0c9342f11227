import { describe, expect, test } from 'vitest';
import type { ListAnswer, SecretAnswer, SecretVersions } from '../../src/ports.ts';
import { WORLD_NOW } from './secret-versions.ts';

/** What is behind a SecretVersions: no parameter at first, in account 111122223333, eu-west-1. Its time is `WORLD_NOW`. */
export interface ParameterVersionsWorld {
  readonly versions: Pick<SecretVersions, 'describe' | 'listParameters'>;
  /** Writes the next version now. */
  put(name: string): void;
  /** The same, this many seconds later. */
  putLater(name: string, seconds: number): void;
  remove(name: string): void;
  /** Asking for this parameter is denied, there or not. */
  deny(name: string): void;
  close(): Promise<void>;
}

const ARN = 'arn:aws:ssm:eu-west-1:111122223333:parameter/';
const SECONDS = Math.floor(WORLD_NOW / 1000);

/** What every SecretVersions keeps for parameters, whatever is behind it. */
export function parameterVersionsContract(name: string, open: () => Promise<ParameterVersionsWorld>): void {
  const check = (
    title: string,
    run: (ask: (id: string) => Promise<SecretAnswer>, world: ParameterVersionsWorld) => unknown,
  ) =>
    test(title, async () => {
      const world = await open();
      const place = { service: 'ssm', account: '111122223333', region: 'eu-west-1' } as const;
      try {
        await run((id) => world.versions.describe({ ...place, id }, new AbortController().signal), world);
      } finally {
        await world.close();
      }
    });

  describe(`parameter versions contract: ${name}`, () => {
    check('a parameter is found by name and by ARN, with one identity', async (ask, world) => {
      world.put('/prod/db');
      for (const id of ['/prod/db', `${ARN}prod/db`]) {
        expect(await ask(id)).toEqual({
          kind: 'found',
          secret: {
            service: 'ssm',
            partition: 'aws',
            account: '111122223333',
            region: 'eu-west-1',
            name: '/prod/db',
            suffix: null,
          },
          versions: new Map([['AWSCURRENT', `1.${SECONDS}`]]),
          // A whole second, and not before the answer.
          seenAt: Date.parse('2026-03-02T00:00:01Z'),
          deleted: false,
          tags: new Map(),
          replication: [],
          primaryRegion: null,
        });
      }
    });

    check('a name with a slash before it is another one; an ARN does not tell them apart', async (ask, world) => {
      world.put('/plain');
      expect(await ask('plain')).toEqual({ kind: 'absent' });
      expect(await ask(`${ARN}plain`)).toMatchObject({ kind: 'found', secret: { name: '/plain' } });
      world.remove('/plain');
      world.put('plain');
      expect(await ask('/plain')).toEqual({ kind: 'absent' });
      expect(await ask(`${ARN}plain`)).toMatchObject({ kind: 'found', secret: { name: 'plain' } });
    });

    check('a write is seen by the next question', async (ask, world) => {
      world.put('/prod/db');
      await ask('/prod/db');
      world.put('/prod/db');
      expect(await latest(ask('/prod/db'))).toBe(`2.${SECONDS}`);
    });

    check('a parameter that is made anew has another version, though its number is the same', async (ask, world) => {
      world.put('/prod/db');
      world.remove('/prod/db');
      expect(await ask('/prod/db')).toEqual({ kind: 'absent' });
      world.putLater('/prod/db', 60);
      expect(await latest(ask('/prod/db'))).toBe(`1.${SECONDS + 60}`);
    });

    check('nothing by that name', async (ask, world) => {
      world.put('/prod/db');
      for (const id of ['/prod', '/prod/d', '/PROD/DB', '/prod/db/x', 'prod/db', '__proto__', '']) {
        expect(await ask(id)).toEqual({ kind: 'absent' });
      }
      for (const id of ['a b', '/prod/db\n', '\u202e', 'x'.repeat(1500), 'arn:aws:s3:::bucket', ARN]) {
        expect(await ask(id)).toEqual({ kind: 'absent' });
      }
    });

    check('what is denied is not absent, nor is its list empty', async (ask, world) => {
      world.put('/prod/db');
      world.deny('/prod/db');
      expect(await ask('/prod/db')).toEqual({ kind: 'denied' });
      expect(await list(world)).toEqual({ kind: 'denied' });
    });

    check('a list has all of the place, each once, with the version that describing it tells', async (ask, world) => {
      const seenAt = Date.parse('2026-03-02T00:00:01Z');
      expect(await list(world)).toEqual({ kind: 'listed', secrets: [], seenAt });
      for (let number = 0; number < 120; number += 1) world.put(`/app/${number}`);
      world.putLater('plain', 60);
      world.put('/app/7');
      world.put('/gone');
      world.remove('/gone');
      const all = await list(world);
      const secrets = all.kind === 'listed' ? all.secrets : [];
      expect(secrets).toHaveLength(121);
      for (const one of ['/app/0', '/app/7', '/app/119', 'plain']) {
        const told = new Map([['AWSCURRENT', await latest(ask(one))]]);
        expect(secrets).toContainEqual({ name: one, suffix: null, deleted: false, tags: new Map(), versions: told });
      }
      expect(await list(world, 'us-east-1')).toMatchObject({ kind: 'listed', secrets: [] });
    });
  });
}

function list({ versions }: ParameterVersionsWorld, region = 'eu-west-1'): Promise<ListAnswer> {
  return versions.listParameters({ account: '111122223333', region }, new AbortController().signal);
}

async function latest(answer: Promise<SecretAnswer>): Promise<string | undefined> {
  const found = await answer;
  if (found.kind !== 'found') throw new Error(`not found but ${found.kind}`);
  return found.versions.get('AWSCURRENT');
}
