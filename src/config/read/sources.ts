import type { CredentialPlace } from '../../domain/policy.ts';
import type { Source, SourceAuth } from '../config.ts';
import { AUTH_METHODS, AUTH_PARTS } from '../keys/auth-keys.ts';
import { SOURCE_TYPES } from '../keys/source-keys.ts';
import { nameOf, offsetOf, type Section } from './section.ts';
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

/** The region that a queue's URL tells, or null. */
export function regionInUrl(queueUrl: string): string | null {
  return /^https:\/\/sqs(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\//.exec(queueUrl)?.[1] ?? null;
}

function regionOf(queue: Section, queueUrl: string): string {
  const written = readTextOrNull(queue, 'region');
  const inUrl = regionInUrl(queueUrl);
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

/** An `auth` section: an identity in AWS. Every part is read, also one that the method does not take. */
export function readAuth(auth: Section, secretsDir: string): SourceAuth {
  const authMethod = readChoice(auth, 'authMethod', AUTH_METHODS);
  const secretRef = readSectionOrNull(auth, 'secretRef');
  const keys = readKeyPlaces(secretRef, secretsDir);
  const account = readSectionOrNull(auth, 'serviceAccountRef');
  const folder = account === null ? null : `${secretsDir}/${readText(account, 'name')}`;
  const [role, tokenFile] = [readTextOrNull(auth, 'role'), readTextOrNull(auth, 'tokenFile')];
  reportStrayParts(auth, authMethod);
  switch (authMethod) {
    case 'default':
      return { authMethod };
    case 'serviceAccount':
      return { authMethod, folder, tokenFile, role };
    case 'static': {
      if (keys.accessKeyId === null || keys.secretAccessKey === null) {
        const message = `${nameOf(auth, 'secretRef')} must name accessKeyIdSecretRef and secretAccessKeySecretRef`;
        auth.report.problem(secretRef?.offset ?? auth.offset, message, 'authMethod static needs both');
      }
      const { accessKeyId, secretAccessKey, sessionToken } = keys;
      return {
        authMethod,
        accessKeyId: accessKeyId ?? NOWHERE,
        secretAccessKey: secretAccessKey ?? NOWHERE,
        sessionToken,
      };
    }
  }
}

/** Stands in for a place that was reported as missing. */
export const NOWHERE: CredentialPlace = { kind: 'file', path: '' };

function readKeyPlaces(refs: Section | null, secretsDir: string) {
  const place = (name: string): CredentialPlace | null => {
    const ref = refs === null ? null : readSectionOrNull(refs, name);
    return ref === null ? null : readSecretRef(ref, secretsDir);
  };
  return {
    accessKeyId: place('accessKeyIdSecretRef'),
    secretAccessKey: place('secretAccessKeySecretRef'),
    sessionToken: place('sessionTokenSecretRef'),
  };
}

function reportStrayParts(auth: Section, method: SourceAuth['authMethod']): void {
  const own: readonly string[] = AUTH_PARTS[method];
  for (const other of AUTH_METHODS) {
    for (const part of AUTH_PARTS[other]) {
      if (own.includes(part) || !auth.values.has(part)) continue;
      const message = `${nameOf(auth, part)} has no meaning with authMethod ${method}`;
      auth.report.problem(offsetOf(auth, part), message, `write authMethod: ${other}, or take ${part} out`);
    }
  }
}
