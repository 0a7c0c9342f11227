import { RESTART_DUE, SECRET_VERSIONS } from '../../../domain/policy.ts';
import { parseWorkloadToken, type WorkloadToken } from '../../../domain/workload-token.ts';
import type { WorkloadFacts } from '../../../manifests/objects.ts';

const KINDS: ReadonlyMap<string, string> = new Map([
  ['secretproviderclass', 'SecretProviderClass'],
  ['secretsrotationmapping', 'SecretsRotationMapping'],
  ['mapping', 'Mapping'],
]);

/** True for the name of a restart source in a workload's annotations. */
export function isSourceName(name: string): boolean {
  return shownSource(name) !== null;
}

/** `SecretProviderClass/db` for `secretproviderclass.db`; null for the name of an ExternalSecret. */
export function shownSource(name: string): string | null {
  const dot = name.indexOf('.');
  const kind = KINDS.get(name.slice(0, Math.max(0, dot)));
  return kind === undefined ? null : `${kind}/${name.slice(dot + 1)}`;
}

/** What a workload's annotations name of restart sources: what is announced goes before what it was last restarted for. */
export function sourceEntriesOf({ annotations, templateAnnotations }: WorkloadFacts): WorkloadToken {
  const written = [
    templateAnnotations.get(SECRET_VERSIONS),
    annotations.get(SECRET_VERSIONS),
    annotations.get(RESTART_DUE),
  ];
  const entries = written.flatMap((value) => [...(parseWorkloadToken(value ?? null) ?? [])]);
  return new Map(entries.filter(([name]) => isSourceName(name)));
}
