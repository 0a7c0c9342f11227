import { FORCE_SYNC } from '../../src/domain/policy.ts';
import { parseToken, tokenKey } from '../../src/domain/token.ts';
import { ACCOUNT, externalSecret, REGION, STORE, version } from './manifests.ts';
import {
  createWorld,
  MAIN,
  type Process,
  refOf,
  secretId,
  told,
  type World,
  type WorldOptions,
} from './memory-world.ts';

/** An ExternalSecret that fetches whatever this `find` finds, and these keys. */
export function finder(name: string, find: string, keys: readonly string[] = []): string {
  return `${externalSecret(name, keys)}  dataFrom:\n    - find: ${find}\n`.replace('  data:\n  dataFrom', '  dataFrom');
}

/** A world with these manifests and the store. */
export function worldOf(files: Readonly<Record<string, string>>, options: Partial<WorldOptions> = {}): World {
  return createWorld({ ...options, files: { 'store.yaml': STORE, ...files } });
}

/** A secret at a version, with tags. */
export function put(
  { secrets }: World,
  name: string,
  number: number,
  more: {
    readonly tags?: Readonly<Record<string, string>>;
    readonly deleted?: boolean;
    readonly labels?: Readonly<Record<string, string>>;
  } = {},
): void {
  const labels = Object.entries({ AWSCURRENT: version(number), ...more.labels });
  secrets.set({
    secret: secretId(name),
    versions: new Map(labels),
    deleted: more.deleted ?? false,
    tags: new Map(Object.entries(more.tags ?? {})),
  });
}

/** Puts CloudTrail's event of a call about a secret into the queue. */
export function called(world: World, eventName: string, name: string, request: object = {}): void {
  const arn = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}-Ab3dEf`;
  world.tell(name, version(0), {
    'detail-type': 'AWS API Call via CloudTrail',
    resources: [],
    detail: {
      eventSource: 'secretsmanager.amazonaws.com',
      eventName,
      eventTime: new Date(world.time.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
      awsRegion: REGION,
      recipientAccountId: ACCOUNT,
      requestParameters: { secretId: arn, ...request },
    },
  });
}

/** The outcome of each message of the next batch. */
export async function handle(world: World, process: Process = world.start()): Promise<readonly string[]> {
  const earlier = told(process).length;
  await process.batch();
  return told(process, 'secret', 'outcome').slice(earlier);
}

/** `key=version` of the token of an ExternalSecret, on the base or on the branch of the open pull request. */
export async function tokenAt(world: World, where: 'base' | 'proposed', name: string): Promise<readonly string[]> {
  const pulls = where === 'base' ? [] : await world.open();
  const refs = where === 'base' ? [MAIN] : pulls.map((pull) => refOf(pull));
  return refs.flatMap((ref) => {
    const value = new RegExp(`${FORCE_SYNC}: "([^"]*)"`).exec(world.workspace.fileAt(ref, `${name}.yaml`) ?? '')?.[1];
    return (parseToken(value ?? null) ?? []).map((entry) => `${tokenKey(entry)}=${entry.version}`);
  });
}
