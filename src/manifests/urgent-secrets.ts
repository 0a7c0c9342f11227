import { RE2JS } from 're2js';
import { URGENT } from '../domain/policy.ts';
import { type SecretRef, secretKey } from '../domain/secret-id.ts';
import type { Index } from './graph.ts';

/** Whether one of a secret's names fits one of these RE2 patterns, anywhere in it. A pattern that RE2 refuses fits nothing. */
export function urgentByName(patterns: readonly string[]): (names: readonly string[]) => boolean {
  const compiled = patterns.flatMap((pattern) => tryCompile(pattern));
  return (names) => compiled.some((pattern) => names.some((name) => pattern.matcher(name).find()));
}

/** The keys of every secret that an ExternalSecret with the annotation fetches, under every name it can have. */
export function urgentKeys({ externalSecrets }: Pick<Index, 'externalSecrets'>): ReadonlySet<string> {
  const urgent = externalSecrets.filter(({ object }) => object.annotations.get(URGENT) === 'true');
  return new Set(
    urgent.flatMap(({ references }) =>
      references.flatMap(({ resolution }) => (resolution.kind === 'secret' ? keysOf(resolution) : [])),
    ),
  );
}

/** One key for each name: how a secret is told in {@link urgentKeys}. */
export function keysOf({
  ref,
  names,
}: {
  readonly ref: Omit<SecretRef, 'id'>;
  readonly names: readonly string[];
}): readonly string[] {
  const { service, account, region } = ref;
  return names.map((name) => secretKey({ service, account, region, name }));
}

function tryCompile(pattern: string): readonly RE2JS[] {
  try {
    return [RE2JS.compile(pattern)];
  } catch {
    return [];
  }
}
