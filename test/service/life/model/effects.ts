import { FORCE_SYNC } from '../../../../src/domain/policy.ts';
import { parseToken } from '../../../../src/domain/token.ts';
import type { Files, Town } from './town.ts';

/** What manifests say that is ours to change, by place: `<object> <secret>`, `<workload> due` and `<workload> made`. */
export type Facts = ReadonlyMap<string, string>;

/** What a commit brings to one place; `before` is null where nothing stood there. */
export interface Effect {
  readonly place: string;
  readonly before: string | null;
  readonly after: string;
}

const READ = new WeakMap<Files, Facts>();

/** Each file is named after the object in it. */
export function factsOf(files: Files): Facts {
  const facts =
    READ.get(files) ?? new Map([...files].flatMap(([path, text]) => read(path.slice(0, -'.yaml'.length), text)));
  READ.set(files, facts);
  return facts;
}

function read(name: string, text: string): readonly (readonly [string, string])[] {
  const value = (annotation: string) => new RegExp(`${annotation}: "([^"]*)"`).exec(text)?.[1] ?? null;
  const token = parseToken(value(FORCE_SYNC)) ?? [];
  const [due, made] = [value('restart-due'), value('secret-versions')];
  return [
    ...token.map((entry) => [`${name} ${entry.name}`, entry.version] as const),
    ...(due === null ? [] : [[`${name} due`, due] as const]),
    ...(made === null ? [] : [[`${name} made`, made] as const]),
  ];
}

/** What a commit brings beyond what it has in common with the base. */
export async function effectsOf(town: Town, base: string, commit: string): Promise<readonly Effect[]> {
  const before = factsOf(await town.filesAt(await town.mergeBase(base, commit)));
  const after = factsOf(await town.filesAt(commit));
  const changed = [...after].filter(([place, value]) => before.get(place) !== value);
  return changed.map(([place, value]) => ({ place, before: before.get(place) ?? null, after: value }));
}

/** `<place>=<what it gets>`. */
export function namesOf(effects: readonly Effect[]): ReadonlySet<string> {
  return new Set(effects.map(({ place, after }) => `${place}=${after}`));
}

/** The secret of a place in an ExternalSecret; null for a workload's. */
export function secretAt(place: string): string | null {
  const [, what = ''] = place.split(' ');
  return what === 'due' || what === 'made' ? null : what;
}
