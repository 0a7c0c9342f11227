import type { TemplateKind } from '../../domain/policy.ts';
import { MARKER_WORD } from './markers/parse-marker.ts';

const KINDS =
  /ExternalSecret|SecretStore|PushSecret|SecretProviderClass|SecretsRotationMapping|Deployment|StatefulSet|DaemonSet|Job|Rollout|Kustomization|Component|\bkind["']?\s{0,8}:\s{0,8}["']?Namespace\b/;

// What an autoscaler scales, by name: a kind that stands there alone is that of no object in the file.
const SCALED =
  /^( {0,40})scaleTargetRef: {0,8}(?:\{[^{}\n]{0,400}\}|(?:\n\1 {1,8}(?:apiVersion|kind|name):[^\n]*){1,3})/gm;

const SECRET_FIELDS = /\bremoteRef\b|\bdataFrom\b|\bsecretStoreRef\b/;

// At the start of a line, or first in a flow map: a container's `resources` and a `metadata.namespace` are indented. Of two
// runs of blanks none reaches over a line that the other looks at: a long file of empty lines would take time by its square.
const KUSTOMIZATION =
  /^(?:[ \t]*\{\s*)?["']?(?:resources|bases|components|patches\w*|replacements|commonAnnotations|namePrefix|nameSuffix|namespace)["']?\s*:/m;

// A list of operations that may be a patch, and a file of replacements.
const KUSTOMIZE_FILES = /\bop["']?\s{0,8}:|\bfieldPaths\b/;

// What deploys folders, by its kind alone: the word Application stands in many other texts.
const DEPLOYERS = /\bkind["']?\s{0,8}:\s{0,8}["']?(?:Application|ApplicationSet|GitRepository)\b/;

// Values that replacements may take; what is longer holds files.
const CONFIG_MAP = /\bkind["']?\s{0,8}:\s{0,8}["']?ConfigMap\b/;
const MAX_CONFIG_MAP = 16 * 1024;

/**
 * A cheap look before parsing: false when no document of the text can be of interest. It looks for words as they stand;
 * a kind spelled with escapes ("\u0045xternalSecret") is not found.
 */
export function screen(text: string, kinds: readonly TemplateKind[] = []): boolean {
  if (text.includes(MARKER_WORD)) return true;
  if (kinds.some(({ kind }) => text.includes(kind))) return true;
  if (namesKinds(text) || namesSecretFields(text) || DEPLOYERS.test(text)) return true;
  if (text.length <= MAX_CONFIG_MAP && CONFIG_MAP.test(text)) return true;
  return KUSTOMIZATION.test(text) || KUSTOMIZE_FILES.test(text);
}

function namesKinds(text: string): boolean {
  if (!KINDS.test(text)) return false;
  // Templates are not told apart: which lines they leave, nobody knows.
  if (!text.includes('scaleTargetRef') || text.includes('{{')) return true;
  return KINDS.test(text.replace(SCALED, ''));
}

/** True for fields that stand only where an ExternalSecret is described: in a patch, Helm values or another object too. */
export function namesSecretFields(text: string): boolean {
  return SECRET_FIELDS.test(text);
}
