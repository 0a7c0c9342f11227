import type { CredentialPlace } from '../../domain/policy.ts';
import type { Source, SourceAuth } from '../config.ts';
import { AUTH_METHODS, SOURCE_TYPES } from '../keys/source-keys.ts';
import { absentSection, nameOf, offsetOf, type Section } from './section.ts';
import {
  readChoice,
  readInteger,
  readSection,
  readSectionOrNull,
  readSectionsOrNull,
  readText,
  readTextOrNull,
} from './values.ts';

/** `spec.notificationSources`; `endpoint` is SQS's address for the whole installation, or null. */
export function readSources(spec: Section, secretsDir: string, endpoint: string | null): readonly Source[] {
  return (readSectionsOrNull(spec, 'notificationSources') ?? []).map((source) => {
    readChoice(source, 'type', SOURCE_TYPES);
    const queue = readSection(source, 'awsSqs');
    const queueUrl = readText(queue, 'queueURL');
    return {
      queueUrl,
      region: regionOf(queue, queueUrl),
      endpoint: readTextOrNull(queue, 'endpoint') ?? endpoint,
      maxNumberOfMessages: readInteger(queue, 'maxNumberOfMessages'),
      waitTimeSeconds: readInteger(queue, 'waitTimeSeconds'),
      visibilityTimeout: readInteger(queue, 'visibilityTimeout'),
      auth: readAuth(readSection(queue, 'auth'), secretsDir),
    };
  });
}

/** The file that a `secretRef` stands for. */
export function readSecretRef(section: Section, secretsDir: string): CredentialPlace {
  return { kind: 'file', path: `${secretsDir}/${readText(section, 'name')}/${readText(section, 'key')}` };
}

function regionOf(queue: Section, queueUrl: string): string {
  const written = readTextOrNull(queue, 'region');
  const inUrl = /^https:\/\/sqs(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\//.exec(queueUrl)?.[1] ?? null;
  if (written !== null && inUrl !== null && written !== inUrl) {
    const message = `${nameOf(queue, 'region')} is not the region of the queue's URL`;
    queue.report.problem(offsetOf(queue, 'region'), message, `write region: ${inUrl}, or leave it out`);
  }
  if (written === null && inUrl === null && queueUrl !== '' && !queue.values.has('region')) {
    const message = `${nameOf(queue, 'region')} is missing, and the queue's URL does not tell it`;
    queue.report.problem(queue.offset, message, 'for example region: eu-west-1');
  }
  return written ?? inUrl ?? '';
}

function readAuth(auth: Section, secretsDir: string): SourceAuth {
  const authMethod = readChoice(auth, 'authMethod', AUTH_METHODS);
  const refs = readSectionOrNull(auth, 'secretRef');
  if (authMethod === 'default') {
    if (refs !== null) {
      const message = `${nameOf(auth, 'secretRef')} has no meaning with authMethod default`;
      auth.report.problem(refs.offset, message, 'write authMethod: static, or take secretRef out');
    }
    return { authMethod };
  }
  const keys = refs ?? absentSection({ ...auth, path: `${auth.path}.secretRef` }, auth.offset);
  const place = (name: string): CredentialPlace | null => {
    const ref = readSectionOrNull(keys, name);
    return ref === null ? null : readSecretRef(ref, secretsDir);
  };
  const [accessKeyId, secretAccessKey] = [place('accessKeyIdSecretRef'), place('secretAccessKeySecretRef')];
  if (accessKeyId === null || secretAccessKey === null) {
    const message = `${nameOf(auth, 'secretRef')} must name accessKeyIdSecretRef and secretAccessKeySecretRef`;
    auth.report.problem(keys.offset, message, 'authMethod static needs both');
  }
  const none: CredentialPlace = { kind: 'file', path: '' };
  return {
    authMethod,
    accessKeyId: accessKeyId ?? none,
    secretAccessKey: secretAccessKey ?? none,
    sessionToken: place('sessionTokenSecretRef'),
  };
}
