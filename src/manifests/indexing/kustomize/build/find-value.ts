import type { RepoPath } from '../../../../domain/repo-path.ts';
import type { ReplacementSource } from '../../../kustomize-facts.ts';
import type { BlobFacts } from '../../../objects.ts';
import { type Plain, readPlain } from '../../../reading/kustomize/plain-value.ts';
import type { KustomizeNode } from '../kustomize-graph.ts';
import type { Overlay } from '../overlays.ts';
import { isSource } from '../select/select-object.ts';
import { type Built, type BuiltObject, selectable, startObject } from './built-object.ts';
import { carryOut } from './carry-out.ts';
import { lookUp, splitFieldPath } from './fill-field.ts';
import type { FindWay, WayStart, WayStep } from './find-way.ts';
import { refined } from './replace-fields.ts';

/** The value of a replacement in the build of a root; undefined where it cannot be told. */
export type FindValue = (replacement: Overlay, root: RepoPath) => string | undefined;

/** What values are looked for in. */
export interface ValueContext {
  readonly nodes: readonly KustomizeNode[];
  readonly files: readonly { readonly path: RepoPath; readonly facts: BlobFacts }[];
  readonly findWay: FindWay;
  readonly overlaysOf: (kustomization: RepoPath) => readonly Overlay[];
}

interface Candidate {
  readonly start: WayStart;
  readonly object: BuiltObject;
}

// A value that was filled in itself may come from one that was, and so on.
const MAX_DEPTH = 10;
// So many ConfigMaps may be looked at for one value.
const MAX_CANDIDATES = 1000;

/** Prepares the search among the ConfigMaps of the repository, and those that kustomizations make. Answers are kept. */
export function createValueFinder(context: ValueContext): FindValue {
  const near = createSearch(context);
  const known = new Map<ReplacementSource, Map<string, { readonly value: string | undefined }>>();
  let depth = 0;
  const find: FindValue = (replacement, root) => {
    const { step, from } = replacement;
    if (step.kind !== 'replacement' || step.facts.source === null || depth > MAX_DEPTH) return undefined;
    const { source } = step.facts;
    const answers = known.get(source) ?? new Map<string, { readonly value: string | undefined }>();
    known.set(source, answers);
    const key = JSON.stringify([root, from]);
    const answer = answers.get(key);
    if (answer !== undefined) return answer.value;
    depth += 1;
    const value = valueAmong({ source, replacement, root }, { ...context, near, find });
    depth -= 1;
    answers.set(key, { value });
    return value;
  };
  return find;
}

interface Wanted {
  readonly source: ReplacementSource;
  readonly replacement: Overlay;
  readonly root: RepoPath;
}

type Search = ValueContext & { readonly near: Near; readonly find: FindValue };

/** The ConfigMaps in the build of a root that may once be called by a name. */
type Near = (name: string, root: RepoPath) => readonly CandidateOnWay[];

interface CandidateOnWay extends Candidate {
  readonly way: readonly WayStep[];
}

/** Every replacement asks, in every root: what is found is kept. */
function createSearch(context: ValueContext): Near {
  let all: readonly Candidate[] | null = null;
  const byName = new Map<string, readonly Candidate[]>();
  const known = new Map<string, readonly CandidateOnWay[]>();
  return (name, root) => {
    const key = JSON.stringify([name, root]);
    const answer = known.get(key);
    if (answer !== undefined) return answer;
    all ??= candidatesIn(context);
    const named = byName.get(name) ?? all.filter(({ object }) => object.ids.some((id) => name.includes(id.name)));
    byName.set(name, named);
    const found = named.slice(0, MAX_CANDIDATES).flatMap((one) => {
      const way = context.findWay(one.start, root);
      return way === null ? [] : [{ ...one, way }];
    });
    known.set(key, named.length > MAX_CANDIDATES ? [] : found);
    return known.get(key) ?? [];
  };
}

/** Kustomize fails where several fit, so one that does is the one. */
function valueAmong({ source, replacement, root }: Wanted, context: Search): string | undefined {
  const { select, field, options } = source;
  if (select.kind !== 'ConfigMap' || select.name === null) return undefined;
  const found = context.near(select.name, root).flatMap((one) => {
    const built = builtUntil(one, replacement, root, context);
    const isMeant = built === undefined || (built !== null && isSource(selectable(built), select));
    return isMeant ? [{ built, start: one.start }] : [];
  });
  const [first, ...others] = found;
  if (first?.built === undefined || first.built === null || others.length > 0) return undefined;
  const path = splitFieldPath(field);
  // The name of what is generated gets a hash in the end.
  if (first.start.kind === 'generated' && path[0] !== 'data') return undefined;
  const isName = path.join('.') === 'metadata.name';
  return refined(isName ? first.built.ids.at(-1)?.name : lookUp(first.built.value, path), options);
}

/** Null where it is not there by then. */
function builtUntil({ way, object }: CandidateOnWay, replacement: Overlay, root: RepoPath, context: Search): Built {
  const at = way.findIndex(({ node, does }) => does === 'transform' && node.path === replacement.from);
  if (at === -1) return null;
  return carryOut(object, way.slice(0, at + 1), {
    overlaysOf: context.overlaysOf,
    outer: [],
    valueFor: (one) => context.find(one, root),
    until: replacement,
  });
}

function candidatesIn({ nodes, files }: ValueContext): readonly Candidate[] {
  const written = files.flatMap(({ path, facts }) =>
    (facts.configMaps ?? []).map(({ name, namespace, content }): Candidate => {
      return { start: { kind: 'file', path }, object: configMap(name, namespace, readPlain(content)) };
    }),
  );
  const generated = nodes.flatMap((node) =>
    node.facts.generates.flatMap(({ name, namespace, behavior, literals }): readonly Candidate[] => {
      if (behavior !== 'create') return [];
      const value: Plain =
        literals === null ? {} : { metadata: { annotations: {} }, data: Object.fromEntries(literals) };
      return [{ start: { kind: 'generated', node }, object: configMap(name, namespace, value) }];
    }),
  );
  return [...written, ...generated];
}

function configMap(name: string, namespace: string | null, value: Plain): BuiltObject {
  return startObject({ apiVersion: 'v1', kind: 'ConfigMap', name, namespace }, value);
}
