import { readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import { type FluxHealth, type HealthExpressions, runCel } from './run-cel.ts';
import { type Health, type Libraries, runLua } from './run-lua.ts';

const ARGO_CD = 'templates/health-checks/argo-cd.yaml';
const FLUX = 'templates/health-checks/flux.yaml';
const PREFIX = 'resource.customizations';

interface ConfigMap {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data: Readonly<Record<string, string>>;
}

interface Kustomization {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly wait?: boolean;
    readonly sourceRef: unknown;
    readonly dependsOn?: readonly { readonly name: string }[];
    readonly healthCheckExprs?: readonly HealthExpressions[];
  };
}

/** The patch of `argocd-cm`, as it ships. */
export const argoPatch = parse(readFileSync(ARGO_CD, 'utf8')) as ConfigMap;

/** Flux's Kustomizations, as they ship. */
export const fluxKustomizations = parseAllDocuments(readFileSync(FLUX, 'utf8')).map(
  (document) => document.toJS() as Kustomization,
);

/** The script for a kind of `external-secrets.io`. */
export function luaOf(kind: string): string {
  return argoPatch.data[`${PREFIX}.health.external-secrets.io_${kind}`] ?? '';
}

/** What Argo CD may open for that script. */
function librariesOf(kind: string): Libraries {
  return argoPatch.data[`${PREFIX}.useOpenLibs.external-secrets.io_${kind}`] === 'true' ? 'open' : 'closed';
}

/** The expressions for ExternalSecrets. */
function celOfExternalSecret(): HealthExpressions {
  const all = fluxKustomizations.flatMap(({ spec }) => spec.healthCheckExprs ?? []);
  const [found] = all.filter(({ kind }) => kind === 'ExternalSecret');
  if (found === undefined) throw new Error(`${FLUX} has no expressions for ExternalSecrets`);
  return found;
}

/** An object as a cluster has it: what both checks look at. */
export interface Checked {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: object;
  readonly status?: object;
}

const AS_FLUX: Readonly<Record<string, FluxHealth>> = { Healthy: 'current', Degraded: 'failed', Progressing: 'waits' };

/** The answer of both checks, which is one; `tolerance` in seconds is written into both. */
export function answerOf(object: Checked, tolerance = 0): Health {
  const script = luaOf('ExternalSecret').replace('local tolerance = 0\n', `local tolerance = ${tolerance}\n`);
  const { current, ...others } = celOfExternalSecret();
  const expressions = { ...others, current: current.replace("duration('0s')", `duration('${tolerance}s')`) };
  const health = runLua(script, object, librariesOf('ExternalSecret'));
  const flux = runCel(expressions, { ...object });
  if (AS_FLUX[health.status ?? ''] !== flux) throw new Error(`Argo CD: ${health.status}, Flux: ${flux}`);
  return health;
}
