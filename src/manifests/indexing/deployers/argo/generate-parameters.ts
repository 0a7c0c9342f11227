import type { Plain } from '../../../reading/kustomize/plain-value.ts';
import { isPlainMap } from '../../kustomize/patch-value.ts';
import type { Sources } from '../deployer.ts';
import type { FolderTree } from '../folder-tree.ts';
import { listAt, plainAt, textAt } from '../plain-fields.ts';
import { fillTemplate, type Parameters, type TemplateSyntax } from './fill-template.ts';

/** What a generator makes: sets of parameters, or the reason why only the cluster knows them. */
export type Generated =
  | { readonly kind: 'sets'; readonly sets: readonly Parameters[] }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface GeneratorContext {
  readonly syntax: TemplateSyntax;
  readonly sources: Sources;
  readonly tree: FolderTree;
}

const MAX_SETS = 1000;

/** The parameters of one generator: a literal list, folders of this repository, or a matrix of two of these. */
export function generateParameters(generator: Plain, context: GeneratorContext, depth = 0): Generated {
  const kinds = isPlainMap(generator) ? Object.keys(generator) : [];
  const [kind = '', ...others] = kinds;
  if (others.length > 0) return unknown('a generator with a selector or with several kinds is not read');
  const body = plainAt(generator, kind);
  if (plainAt(body, 'template') !== null) return unknown('a generator with a template of its own is not read');
  switch (kind) {
    case 'list':
      return fromList(body);
    case 'git':
      return fromFolders(body, context);
    case 'matrix':
      return depth > 0 ? unknown('a matrix of matrices is not read') : fromMatrix(body, context);
    default:
      return unknown(`what the generator "${kind.slice(0, 40)}" makes is only known in the cluster`);
  }
}

function fromList(body: Plain): Generated {
  if (plainAt(body, 'elementsYaml') !== null) return unknown('elementsYaml is not read');
  return bounded(listAt(body, 'elements').map((element) => new Map(flatten(element, ''))));
}

/** Names of nested values as templates have them; lists have none. */
function flatten(value: Plain, name: string): readonly (readonly [string, string])[] {
  if (typeof value === 'string' || value === true) return [[name, String(value)]];
  if (!isPlainMap(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => flatten(one, name === '' ? key : `${name}.${key}`));
}

function fromFolders(body: Plain, { syntax, sources, tree }: GeneratorContext): Generated {
  const url = textAt(body, 'repoURL');
  if (url === null || !sources.isHere({ url, revision: textAt(body, 'revision') })) {
    return unknown('its git generator looks into another repository or revision');
  }
  const wanted = listAt(body, 'directories');
  if (wanted.length === 0) return unknown('a git generator that reads files is not read');
  if (textAt(body, 'pathParamPrefix') !== null) return unknown('pathParamPrefix is not read');
  const patterns = wanted.map((one) => ({
    path: textAt(one, 'path') ?? '',
    exclude: textAt(one, 'exclude') === 'true',
  }));
  if (patterns.some(({ path }) => /[[\]\\{]/.test(path)))
    return unknown('a folder pattern of its generator is not read');
  const found = (isExcluded: boolean) =>
    patterns.flatMap(({ path, exclude }) => (exclude === isExcluded ? tree.match(path) : []));
  const excluded = new Set(found(true));
  const folders = [...new Set(found(false))].filter((folder) => !excluded.has(folder)).toSorted();
  return bounded(folders.map((folder) => folderParameters(folder, syntax)));
}

function folderParameters(folder: string, syntax: TemplateSyntax): Parameters {
  const segments = folder.split('/');
  const basename = segments.at(-1) ?? '';
  const [path, part] = syntax === 'go' ? ['path.path', 'path.segments'] : ['path', 'path'];
  // What Argo CD makes of other names is left to Argo CD.
  const isNormal = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(basename);
  return new Map([
    [path, folder],
    ['path.basename', basename],
    ...(isNormal ? [['path.basenameNormalized', basename] as const] : []),
    ...segments.map((segment, at) => [`${part}[${at}]`, segment] as const),
  ]);
}

/** Every combination; the second generator may be filled in by the first. */
function fromMatrix(body: Plain, context: GeneratorContext): Generated {
  const [first, second, ...others] = listAt(body, 'generators');
  if (first === undefined || second === undefined || others.length > 0)
    return unknown('its matrix has not two generators');
  const outer = generateParameters(first, context, 1);
  if (outer.kind === 'unknown') return outer;
  const sets: Parameters[] = [];
  for (const one of outer.sets) {
    const inner = generateParameters(fillTemplate(second, one, context.syntax), context, 1);
    if (inner.kind === 'unknown') return inner;
    sets.push(...inner.sets.map((other) => new Map([...one, ...other])));
    if (sets.length > MAX_SETS) break;
  }
  return bounded(sets);
}

function bounded(sets: readonly Parameters[]): Generated {
  return sets.length > MAX_SETS ? unknown(`it makes more than ${MAX_SETS} applications`) : { kind: 'sets', sets };
}

function unknown(reason: string): Generated {
  return { kind: 'unknown', reason };
}
