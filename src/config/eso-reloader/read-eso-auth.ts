import type { CredentialPlace } from '../../domain/policy.ts';
import type { SourceAuth } from '../config.ts';
import { nameOf, offsetOf, type Section } from '../read/section.ts';
import { NOWHERE, readSecretRef } from '../read/sources.ts';
import { readChoice, readSectionOrNull, readText } from '../read/values.ts';
import { ESO_AUTH_METHODS } from './eso-keys.ts';

/** An `auth` section in either spelling. Null: the document has none, and the SDK's own chain is asked. */
export function readEsoAuth(auth: Section | null, secretsDir: string): SourceAuth {
  if (auth === null) return { authMethod: 'default' };
  const method = readChoice(auth, 'authMethod', ESO_AUTH_METHODS);
  const refs = readSectionOrNull(auth, 'secretRef');
  const account = readSectionOrNull(auth, 'serviceAccountRef');
  const keys = readKeys(refs, secretsDir);
  const folder = account === null ? null : `${secretsDir}/${readText(account, 'name')}`;
  if (method === 'irsa' || method === 'serviceAccount') {
    noteStray(auth, 'secretRef', method);
    if (account === null) reportMissing(auth, 'serviceAccountRef', method);
    return { authMethod: 'serviceAccount', folder, tokenFile: null, role: null };
  }
  noteStray(auth, 'serviceAccountRef', method);
  if (keys.accessKeyId === null || keys.secretAccessKey === null) reportMissing(auth, 'secretRef', method);
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  return {
    authMethod: 'static',
    accessKeyId: accessKeyId ?? NOWHERE,
    secretAccessKey: secretAccessKey ?? NOWHERE,
    sessionToken,
  };
}

function readKeys(refs: Section | null, secretsDir: string) {
  const place = (name: string): CredentialPlace | null => {
    const ref = refs === null ? null : readSectionOrNull(refs, name);
    return ref === null ? null : readSecretRef(ref, secretsDir);
  };
  const [crd, docs] = [place('accessKeyIdSecretRef'), place('accessKeyIDSecretRef')];
  if (refs !== null && crd !== null && docs !== null) {
    const message = `${nameOf(refs, 'accessKeyIDSecretRef')} is there in two spellings`;
    refs.report.problem(offsetOf(refs, 'accessKeyIDSecretRef'), message, 'keep accessKeyIdSecretRef');
  }
  return {
    accessKeyId: crd ?? docs,
    secretAccessKey: place('secretAccessKeySecretRef'),
    sessionToken: place('sessionTokenSecretRef'),
  };
}

function reportMissing(auth: Section, part: string, method: string): void {
  const hint =
    part === 'secretRef'
      ? 'it must name accessKeyIdSecretRef and secretAccessKeySecretRef'
      : 'name the service account whose token is mounted';
  auth.report.problem(offsetOf(auth, part), `${nameOf(auth, part)} is missing for authMethod ${method}`, hint);
}

function noteStray(auth: Section, part: string, method: string): void {
  if (!auth.values.has(part)) return;
  auth.report.notice(offsetOf(auth, part), `${nameOf(auth, part)} is not used with authMethod ${method}`, null);
}
