import { isMap } from 'yaml';
import type { Config, Source } from '../config.ts';
import type { EsoDocument } from '../eso-reloader/read-eso-document.ts';
import type { EsoSource } from '../eso-reloader/read-eso-sources.ts';
import { nameOf, offsetOf, type Section } from '../read/section.ts';
import { instanceName } from './instance-name.ts';
import { accountInUrl, queueAccounts } from './queue-accounts.ts';
import { sameDestinations } from './same-destinations.ts';

/** Our own document as far as it says something; `spec` is empty where there is none. */
export interface OwnPart {
  readonly config: Config;
  readonly spec: Section;
}

type Documents = readonly [EsoDocument, ...EsoDocument[]];

/** Our own document and those of ESO Reloader as one configuration. What does not go together is reported. */
export function joinDocuments({ config, spec }: OwnPart, documents: Documents): Config {
  const [first] = documents;
  reportOtherDestinations({ config, spec }, documents);
  const added = newQueues(config, documents);
  const sources = [
    ...config.sources,
    ...added.map(({ source }) => ({ ...source, endpoint: config.aws.endpoints.sqs })),
  ];
  if (sources.length === 0 && documents.every((document) => document.sources.length === 0)) reportNoQueue(first);
  return {
    ...config,
    instance: config.instance === '' ? chosenInstance(first) : config.instance,
    sources,
    destinations: first.destinations,
    aws: {
      ...config.aws,
      accounts: config.aws.accounts.length > 0 ? config.aws.accounts : chosenAccounts({ config, spec }, added),
      auth: chosenAuth({ config, spec }, added),
    },
  };
}

/** Joined destinations would let the queue of one document reach what only the other allows. */
function reportOtherDestinations({ config, spec }: OwnPart, [first, ...others]: Documents): void {
  for (const { destinations, spec: other } of others) {
    if (sameDestinations(destinations, first.destinations)) continue;
    other.report.problem(
      offsetOf(other, 'destinationsToWatch'),
      'spec.destinationsToWatch is not that of the first Config: joined, each queue would reach what only the other may',
      'run one process for each Config, or make them the same',
    );
  }
  if (!spec.values.has('destinationsToWatch') || sameDestinations(config.destinations, first.destinations)) return;
  spec.report.problem(
    offsetOf(spec, 'destinationsToWatch'),
    "spec.destinationsToWatch is not that of ESO Reloader's Config beside it",
    'leave it out here, or make them the same',
  );
}

/** Queues that are not listened to yet; each of the others is noted. */
function newQueues({ sources }: Config, documents: Documents): readonly EsoSource[] {
  const known = new Set(sources.map(({ queueUrl }) => queueUrl));
  return documents.flatMap((document) =>
    document.sources.filter(({ source: { queueUrl }, queue }) => {
      const isNew = !known.has(queueUrl);
      known.add(queueUrl);
      if (!isNew && queueUrl !== '') {
        const message = `${nameOf(queue, 'queueURL')} is listened to already: this entry is left out`;
        queue.report.notice(
          offsetOf(queue, 'queueURL'),
          message,
          'one entry listens well enough; its own auth is not used',
        );
      }
      return isNew;
    }),
  );
}

function chosenInstance({ name, spec }: EsoDocument): string {
  const instance = instanceName(name);
  if (instance !== name) {
    const hint = 'name another in metadata.name of a document of apiVersion gitops-reloader.dev/v1alpha1';
    spec.report.notice(spec.offset, `the instance is ${instance}`, hint);
  }
  return instance;
}

/** Where no document lists accounts, those of all queues; a queue that tells none would be listened to in vain. */
function chosenAccounts(own: OwnPart, added: readonly EsoSource[]): Config['aws']['accounts'] {
  const queues = [...own.config.sources.map((source, at) => ownQueue(own, source, at)), ...added.map(addedQueue)];
  const accounts = queueAccounts(queues.map(({ source }) => source));
  const hint = 'list spec.aws.accounts in a document of apiVersion gitops-reloader.dev/v1alpha1';
  for (const { source, shown, offset, report } of queues) {
    if (source.queueUrl === '' || accountInUrl(source.queueUrl) !== null) continue;
    report.problem(offset, `${shown} does not tell the account whose secrets are meant`, hint);
  }
  const first = queues[own.config.sources.length] ?? queues[0];
  if (accounts.length > 0 && first !== undefined) {
    const places = accounts.map(({ id, regions }) => `${id} in ${regions.join(', ')}`).join('; ');
    const message = `secrets are followed where the queues are, and nowhere else: account ${places}`;
    first.report.notice(first.offset, message, `for others, ${hint}`);
  }
  return accounts;
}

function ownQueue({ spec }: OwnPart, source: Source, at: number) {
  const shown = `${nameOf(spec, 'notificationSources')}[${at}].awsSqs.queueURL`;
  return { source, shown, offset: offsetOf(spec, 'notificationSources'), report: spec.report };
}

function addedQueue({ source, queue }: EsoSource) {
  return { source, shown: nameOf(queue, 'queueURL'), offset: offsetOf(queue, 'queueURL'), report: queue.report };
}

/** ESO Reloader's identity is the only one that is known to exist: whoever reads the first queue describes secrets too. */
function chosenAuth({ config, spec }: OwnPart, added: readonly EsoSource[]): Config['aws']['auth'] {
  const aws = spec.values.get('aws');
  const [first, ...others] = added;
  if (first === undefined || (isMap(aws) && aws.has('auth'))) return config.aws.auth;
  const { auth } = first.source;
  if (others.some(({ source }) => JSON.stringify(source.auth) !== JSON.stringify(auth))) {
    const hint = 'for another, name spec.aws.auth in a document of apiVersion gitops-reloader.dev/v1alpha1';
    first.queue.report.notice(first.queue.offset, "secrets are described with this queue's auth", hint);
  }
  return auth;
}

function reportNoQueue({ spec }: EsoDocument): void {
  // What is missing is reported as that.
  if (!spec.values.has('notificationSources')) return;
  spec.report.problem(
    offsetOf(spec, 'notificationSources'),
    'spec.notificationSources has no source left that can be listened to',
    'add one of type AwsSqs: only AWS events from SQS are understood',
  );
}
