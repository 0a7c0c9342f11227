import type { Source } from '../config.ts';
import { SOURCE_KEYS } from '../keys/source-keys.ts';
import { nameOf, offsetOf, type Section } from '../read/section.ts';
import { regionInUrl } from '../read/sources.ts';
import {
  readChoice,
  readInteger,
  readSectionOrNull,
  readSectionsOrNull,
  readText,
  readTextOrNull,
} from '../read/values.ts';
import { ESO_SOURCES, OTHER_SOURCES } from './eso-keys.ts';
import { readEsoAuth } from './read-eso-auth.ts';

/** A queue, and the section that names it. */
export interface EsoSource {
  readonly source: Source;
  readonly queue: Section;
}

/** The SQS queues of `spec.notificationSources`. Every other source is noted and left out. */
export function readEsoSources(spec: Section, secretsDir: string): readonly EsoSource[] {
  const shared = readSectionOrNull(spec, 'auth');
  const queues = (readSectionsOrNull(spec, 'notificationSources') ?? []).flatMap(queueOf);
  const sharedRegion = shared === null ? null : readTextOrNull(shared, 'region');
  // Read once: what is wrong in it is said once.
  const sharedAuth = readEsoAuth(shared, secretsDir);
  if (shared !== null && queues.length > 0 && queues.every((queue) => queue.values.has('auth'))) {
    spec.report.notice(shared.offset, 'spec.auth is not used', 'every queue has an auth of its own');
  }
  return queues.map((queue) => {
    const own = readSectionOrNull(queue, 'auth');
    const queueUrl = readText(queue, 'queueURL');
    const region = own === null ? sharedRegion : readTextOrNull(own, 'region');
    return {
      queue,
      source: {
        queueUrl,
        region: regionOf(queue, queueUrl, region),
        endpoint: null,
        maxNumberOfMessages: readMessages(queue),
        waitTimeSeconds: readWithin(queue, 'waitTimeSeconds'),
        visibilityTimeout: readWithin(queue, 'visibilityTimeout'),
        auth: own === null ? sharedAuth : readEsoAuth(own, secretsDir),
      },
    };
  });
}

function queueOf(source: Section): readonly Section[] {
  const type = readChoice(source, 'type', ESO_SOURCES);
  noteStrayBlocks(source, type);
  if (type !== 'AwsSqs') {
    const message = `${source.shown} is left out: a source of type ${type} has no equivalent`;
    source.report.notice(offsetOf(source, 'type'), message, adviceOn(type));
    return [];
  }
  const queue = readSectionOrNull(source, 'awsSqs');
  if (queue === null) source.report.problem(source.offset, `${nameOf(source, 'awsSqs')} is missing`, 'An SQS queue.');
  return queue === null ? [] : [queue];
}

function adviceOn(type: keyof typeof OTHER_SOURCES): string {
  if (type === 'KubernetesSecret' || type === 'KubernetesConfigMap') {
    return 'the cluster is never read: workloads are found in the repository and restarted after their refresh';
  }
  if (type === 'Mock') return 'the command demo shows the whole pipeline';
  return 'only AWS events from SQS are understood: keep ESO Reloader for this source';
}

function noteStrayBlocks(source: Section, type: (typeof ESO_SOURCES)[number]): void {
  const own = type === 'AwsSqs' ? 'awsSqs' : OTHER_SOURCES[type];
  for (const block of ['awsSqs', ...Object.values(OTHER_SOURCES)]) {
    if (block === own || !source.values.has(block)) continue;
    source.report.notice(offsetOf(source, block), `${nameOf(source, block)} is not used by type ${type}`, null);
  }
}

/** Under `auth` in the schema, beside it in the documentation, and mostly in the URL too: all must agree. */
function regionOf(queue: Section, queueUrl: string, underAuth: string | null): string {
  const told = [readTextOrNull(queue, 'region'), underAuth, regionInUrl(queueUrl)].filter((one) => one !== null);
  const [first = '', ...others] = told;
  if (others.some((other) => other !== first)) {
    const message = `${queue.shown} names more than one region`;
    queue.report.problem(
      offsetOf(queue, 'region'),
      message,
      "awsSqs.region, auth.region and the queue's URL must agree",
    );
  }
  if (told.length === 0 && queueUrl !== '') {
    const message = `${nameOf(queue, 'region')} is missing, and the queue's URL does not tell it`;
    queue.report.problem(queue.offset, message, 'for example region: us-east-1');
  }
  return first;
}

function readMessages(queue: Section): number {
  const both = queue.values.has('numberOfMessages') && queue.values.has('maxNumberOfMessages');
  if (both) {
    const message = `${nameOf(queue, 'maxNumberOfMessages')} is there in two spellings`;
    queue.report.problem(offsetOf(queue, 'maxNumberOfMessages'), message, 'keep numberOfMessages');
  }
  const name = queue.values.has('numberOfMessages') ? 'numberOfMessages' : 'maxNumberOfMessages';
  return readWithin(queue, name, 'maxNumberOfMessages');
}

/** A number, brought within the bounds of our own key; what was changed is noted. */
function readWithin(queue: Section, name: string, ours = name): number {
  const value = readInteger(queue, name);
  const { min, max } = boundsOf(ours);
  const within = Math.min(Math.max(value, min), max);
  if (within !== value) {
    const message = `${nameOf(queue, name)} is taken for ${within}`;
    queue.report.notice(offsetOf(queue, name), message, `it can be from ${min} to ${max}`);
  }
  return within;
}

function boundsOf(name: string): { readonly min: number; readonly max: number } {
  const type = SOURCE_KEYS.find((row) => row.path.endsWith(`.${name}`))?.type;
  return type?.kind === 'integer' ? type : { min: 0, max: 0 };
}
