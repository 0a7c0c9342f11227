import { RE2JS } from 're2js';
import type { WorkloadFacts } from '../../objects.ts';

/** A Secret as Stakater Reloader sees it. */
export interface ReloadedSecret {
  readonly name: string;
  readonly annotations: ReadonlyMap<string, string>;
}

const DOMAIN = 'reloader.stakater.com';
const RELOAD = `secret.${DOMAIN}/reload`;
const TYPED_AUTO = `secret.${DOMAIN}/auto`;
const AUTO = `${DOMAIN}/auto`;
const SEARCH = `${DOMAIN}/search`;
const SWITCHES = [RELOAD, TYPED_AUTO, AUTO, SEARCH];

const EXCLUDE = `secrets.exclude.${DOMAIN}/reload`;
const MATCH = `${DOMAIN}/match`;
const IGNORED = `${DOMAIN}/ignore`;

/** Rollouts are reloaded where the cluster's Reloader is told to: only an annotation shows that somebody counts on it. */
const KINDS_BY_DEFAULT = ['Deployment', 'StatefulSet', 'DaemonSet'];
const KINDS = [...KINDS_BY_DEFAULT, 'Rollout'];

/** Longer lists are not looked into: then the workload is restarted once too often. */
const MAX_LIST = 4096;

/**
 * Whether Stakater Reloader restarts this workload when the Secret changes: the rules of its `ShouldReload`, in their order.
 * `autoAll`: it runs with `--auto-reload-all`.
 */
export function reloads(workload: WorkloadFacts, secret: ReloadedSecret, mode: 'annotated' | 'autoAll'): boolean {
  if (!KINDS.includes(workload.kind) || secret.annotations.get(IGNORED) === 'true') return false;
  const { annotations, templateAnnotations } = workload;
  if (namesIn(annotations.get(EXCLUDE)).includes(secret.name)) return false;
  // The pod template is asked only where the workload itself has none of these.
  const own = SWITCHES.some((name) => annotations.has(name)) ? annotations : templateAnnotations;
  if (isNamed(own, secret)) return true;
  const switches = [AUTO, TYPED_AUTO].map((name) => own.get(name) ?? '');
  if (switches.some(isTrue)) return true;
  return mode === 'autoAll' && switches.every((value) => value === '') && KINDS_BY_DEFAULT.includes(workload.kind);
}

/** By its name, or by a mark that both carry. */
function isNamed(annotations: WorkloadFacts['annotations'], secret: ReloadedSecret): boolean {
  if (namesIn(annotations.get(RELOAD)).some((pattern) => matches(pattern, secret.name))) return true;
  return annotations.get(SEARCH) === 'true' && secret.annotations.get(MATCH) === 'true';
}

function namesIn(list: string | undefined): readonly string[] {
  return list === undefined || list.length > MAX_LIST ? [] : list.split(',').map((name) => name.trim());
}

/** Reloader puts the anchors around the text as it is: `a|b` is `^a` or `b$`. */
function matches(pattern: string, name: string): boolean {
  if (pattern === name) return true;
  try {
    return RE2JS.compile(`^${pattern}$`).matcher(name).find();
  } catch {
    return false;
  }
}

/** What Go's `strconv.ParseBool` takes for true. */
function isTrue(value: string): boolean {
  return ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value);
}
