import type { Index, ResolvedReference } from '../../manifests/graph.ts';
import { namersIn } from '../../manifests/query-index.ts';
import type { Wish } from '../truth/wish.ts';
import type { Elsewhere } from './explanation.ts';
import { shownObject } from './look.ts';

const MOST = 5;
/** Of a hostile repository's names, no more than this much of each is compared. */
const MAX_LENGTH = 200;
/** Names below this likeness have little to do with each other. */
const LEAST = 0.5;

/** Names of secrets in this repository that resemble one of these, the likest first. */
export function nearNames(index: Index, names: readonly string[]): readonly string[] {
  const known = new Set(
    namersIn(index).flatMap(({ references }) =>
      references.flatMap(({ resolution }) =>
        resolution.kind === 'secret' && resolution.ref.service !== 'find' ? resolution.names.slice(0, 1) : [],
      ),
    ),
  );
  const wanted = names.map((name) => pairsOf(name));
  const ranked = [...known].flatMap((name) => {
    const pairs = pairsOf(name);
    const best = Math.max(0, ...wanted.map((one) => likeness(one, pairs)));
    return best < LEAST ? [] : [{ name, best }];
  });
  const sorted = ranked.toSorted((left, right) => right.best - left.best || (left.name < right.name ? -1 : 1));
  return sorted.slice(0, MOST).map(({ name }) => name);
}

/** Each two neighbours in a text; case does not count. */
function pairsOf(text: string): ReadonlySet<string> {
  const plain = ` ${text.slice(0, MAX_LENGTH).toLowerCase()} `;
  return new Set(Array.from({ length: plain.length - 1 }, (_, at) => plain.slice(at, at + 2)));
}

/** 1 for the same pairs, 0 for none in common. */
function likeness(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let common = 0;
  for (const pair of left) if (right.has(pair)) common += 1;
  return (2 * common) / (left.size + right.size);
}

/** References that spell one of the secret's names, or what was asked for, and mean something else. */
export function spelledElsewhere(index: Index, wish: Wish, asked: string): readonly Elsewhere[] {
  const spelled = new Set([...wish.names, asked]);
  return namersIn(index).flatMap(({ object, references }) =>
    references.flatMap(({ reference, resolution }) => {
      if (!spelled.has(reference.key)) return [];
      const reason = whyElsewhere(resolution, wish);
      return reason === null
        ? []
        : [{ ...shownObject(object), line: reference.line, reason: `${reference.field}: ${reason}` }];
    }),
  );
}

function whyElsewhere(resolution: ResolvedReference['resolution'], wish: Wish): string | null {
  if (resolution.kind === 'foreign') return resolution.reason;
  if (resolution.kind === 'unresolved') return null;
  const { service, account, region } = resolution.ref;
  if (service !== wish.service) return `It is fetched from ${SERVICES[service]}.`;
  const isHere = account === wish.account && region === wish.region;
  if (!isHere) return `It is fetched from account ${account}, region ${region}.`;
  const [name = ''] = resolution.names;
  return resolution.names.some((one) => wish.names.includes(one)) ? null : `Its store makes it ${name}.`;
}

const SERVICES = { secretsmanager: 'Secrets Manager', ssm: 'Parameter Store', find: 'whatever a find finds' } as const;
