import { describe, expect, test } from 'vitest';
import type { FindFilter, ListedSecret } from '../../src/domain/find/find-filter.ts';
import type { SecretRef } from '../../src/domain/secret-id.ts';
import type { ListAnswer, SecretAnswer, SecretVersions } from '../../src/ports.ts';

/** A secret as the world holds it, in account 111122223333, eu-west-1. */
export interface WorldSecret {
  readonly name: string;
  readonly suffix: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly deleted?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

/** What is behind a SecretVersions: no secret at first. Its time is the first second of 2026-03-02, UTC. */
export interface SecretVersionsWorld {
  readonly versions: SecretVersions;
  put(secret: WorldSecret): void;
  deny(name: string): void;
  remove(name: string): void;
  denyList(): void;
  close(): Promise<void>;
}

export const WORLD_NOW = Date.parse('2026-03-02T00:00:00.250Z');

const ONE = 'aaaaaaaa-1111-4111-8111-000000000001';
const TWO = 'aaaaaaaa-2222-4222-8222-000000000002';
const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';
const DB: WorldSecret = { name: 'prod/db', suffix: 'Ab3dEf', versions: { AWSCURRENT: TWO, AWSPREVIOUS: ONE } };
const HYPHEN: WorldSecret = { name: 'my-secret', suffix: 'nutBrk', versions: { AWSCURRENT: ONE } };

/** What every SecretVersions keeps, whatever is behind it. */
export function secretVersionsContract(name: string, open: () => Promise<SecretVersionsWorld>): void {
  const check = (
    title: string,
    run: (ask: (id: string) => Promise<SecretAnswer>, world: SecretVersionsWorld) => unknown,
  ) =>
    test(title, async () => {
      const world = await open();
      try {
        await run((id) => world.versions.describe(ref(id), new AbortController().signal), world);
      } finally {
        await world.close();
      }
    });

  describe(`secret versions contract: ${name}`, () => {
    check('a secret is found by name, full ARN and partial ARN, with one identity', async (ask, world) => {
      world.put(DB);
      for (const id of ['prod/db', `${ARN}prod/db-Ab3dEf`, `${ARN}prod/db`]) {
        expect(await ask(id)).toMatchObject({
          kind: 'found',
          secret: {
            service: 'secretsmanager',
            partition: 'aws',
            account: '111122223333',
            region: 'eu-west-1',
            name: 'prod/db',
            suffix: 'Ab3dEf',
          },
          deleted: false,
        });
      }
    });

    check('versions come by label', async (ask, world) => {
      world.put({ ...DB, versions: { ...DB.versions, AWSPENDING: TWO, blue: ONE } });
      expect(await versions(ask('prod/db'))).toEqual([
        ['AWSCURRENT', TWO],
        ['AWSPENDING', TWO],
        ['AWSPREVIOUS', ONE],
        ['blue', ONE],
      ]);
    });

    check('a change is seen by the next question', async (ask, world) => {
      world.put(DB);
      await ask('prod/db');
      world.put({ ...DB, versions: { AWSCURRENT: ONE, AWSPREVIOUS: TWO } });
      expect(await versions(ask('prod/db'))).toEqual([
        ['AWSCURRENT', ONE],
        ['AWSPREVIOUS', TWO],
      ]);
    });

    check('the time is a whole second, and not before the answer', async (ask, world) => {
      world.put(DB);
      const answer = await ask('prod/db');
      expect(answer.kind === 'found' ? answer.seenAt : null).toBe(Date.parse('2026-03-02T00:00:01Z'));
    });

    check('a name that ends in hyphen and six characters keeps them', async (ask, world) => {
      world.put(HYPHEN);
      const answer = await ask('my-secret');
      expect(answer).toMatchObject({ secret: { name: 'my-secret', suffix: 'nutBrk' } });
      expect(await ask(`${ARN}my-secret-nutBrk`)).toEqual(answer);
      // AWS takes this partial ARN for a complete one, and finds nothing.
      expect(await ask(`${ARN}my-secret`)).toEqual({ kind: 'absent' });
      expect(await ask('my')).toEqual({ kind: 'absent' });
    });

    check('an ARN with another suffix is another secret', async (ask, world) => {
      world.put(DB);
      expect(await ask(`${ARN}prod/db-Zz9zZz`)).toEqual({ kind: 'absent' });
    });

    check('nothing by that name, or no longer', async (ask, world) => {
      expect(await ask('prod/db')).toEqual({ kind: 'absent' });
      world.put(DB);
      world.remove('prod/db');
      expect(await ask('prod/db')).toEqual({ kind: 'absent' });
      expect(await ask('PROD/DB')).toEqual({ kind: 'absent' });
    });

    check('what cannot be the name of a secret is absent', async (ask, world) => {
      world.put(DB);
      for (const id of [
        '',
        'prod/db\n',
        'a b',
        '__proto__',
        '\u202eprod/db',
        'x'.repeat(3000),
        'arn:aws:s3:::bucket',
      ]) {
        expect(await ask(id)).toEqual({ kind: 'absent' });
      }
    });

    check('a secret without labels has no versions', async (ask, world) => {
      world.put({ ...DB, versions: {} });
      expect(await versions(ask('prod/db'))).toEqual([]);
    });

    check('a secret that is to be deleted says so', async (ask, world) => {
      world.put({ ...DB, deleted: true });
      expect(await ask('prod/db')).toMatchObject({ kind: 'found', deleted: true });
    });

    check('tags come by key', async (ask, world) => {
      world.put({ ...DB, tags: { team: 'a', env: '' } });
      const answer = await ask('prod/db');
      expect(answer.kind === 'found' ? Object.fromEntries(answer.tags) : null).toEqual({ team: 'a', env: '' });
      world.put(DB);
      expect(await ask('prod/db')).toMatchObject({ tags: new Map() });
    });

    check(
      'a list has at least what fits, whatever is to be deleted, each once, with tags, suffix and versions',
      async (_, world) => {
        expect(fitting(await list(world, {}))).toEqual([]);
        for (let number = 0; number < 250; number += 1)
          world.put({ ...HYPHEN, name: `app/${number}`, suffix: 'Ab3dEf' });
        world.put({ ...DB, tags: { team: 'a' } });
        world.put({ ...HYPHEN, deleted: true });
        const all = await list(world, {});
        expect(fitting(all)).toHaveLength(252);
        expect(all).toMatchObject({ seenAt: Date.parse('2026-03-02T00:00:01Z') });
        const db = { ...listed(DB), tags: new Map([['team', 'a']]) };
        for (const filter of [{ path: 'prod/' }, { tags: [['te', 'a']] }, { regexp: 'db' }] as const) {
          expect(fitting(await list(world, filter))).toContainEqual(db);
        }
        expect(fitting(all)).toContainEqual({ ...listed(HYPHEN), deleted: true });
      },
    );

    check('a list of another region has nothing of this one', async (_, world) => {
      world.put(DB);
      const there = await world.versions.list({ account: '111122223333', region: 'us-east-1' }, NO_FILTER, NEVER);
      expect(fitting(there)).toEqual([]);
    });

    check('a denied list is denied, and says nothing of what may be described', async (ask, world) => {
      world.put(DB);
      world.denyList();
      expect(await list(world, {})).toEqual({ kind: 'denied' });
      expect(await ask('prod/db')).toMatchObject({ kind: 'found' });
    });

    check('a denied secret is denied, there or not', async (ask, world) => {
      world.put(DB);
      world.deny('prod/db');
      world.deny('prod/none');
      expect([await ask('prod/db'), await ask(`${ARN}prod/db-Ab3dEf`), await ask('prod/none')]).toEqual([
        { kind: 'denied' },
        { kind: 'denied' },
        { kind: 'denied' },
      ]);
    });
  });
}

const NEVER = new AbortController().signal;
const NO_FILTER: FindFilter = { regexp: null, path: null, tags: [] };

/** A secret as a list has it. */
function listed({ name, suffix, versions: labels }: WorldSecret): ListedSecret {
  return { name, suffix, deleted: false, tags: new Map(), versions: new Map(Object.entries(labels)) };
}

function list({ versions: port }: SecretVersionsWorld, filter: Partial<FindFilter>): Promise<ListAnswer> {
  return port.list({ account: '111122223333', region: 'eu-west-1' }, { ...NO_FILTER, ...filter }, NEVER);
}

function fitting(answer: ListAnswer): readonly unknown[] {
  if (answer.kind !== 'listed') throw new Error(`not listed but ${answer.kind}`);
  return answer.secrets;
}

async function versions(answer: Promise<SecretAnswer>): Promise<readonly (readonly [string, string])[]> {
  const found = await answer;
  if (found.kind !== 'found') throw new Error(`not found but ${found.kind}`);
  return [...found.versions].toSorted(([left], [right]) => (left < right ? -1 : 1));
}

function ref(id: string): SecretRef {
  return { service: 'secretsmanager', account: '111122223333', region: 'eu-west-1', id };
}
