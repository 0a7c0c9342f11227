import { field, text, type View } from '../yaml-view.ts';

/**
 * What a repository shows of Argo CD's health check for ExternalSecrets. `aware`: it compares the refresh with the token;
 * `other`: it does not; `not-here`: nothing is shown.
 */
export type ArgoHealth = 'aware' | 'other' | 'not-here';

const CUSTOMIZATIONS = 'resource.customizations';
const OF_KIND = `${CUSTOMIZATIONS}.health.external-secrets.io_ExternalSecret`;

/** The check in a ConfigMap `argocd-cm`, by a key of its own or among all others. */
export function readArgoHealth(root: View, name: string): ArgoHealth {
  if (name !== 'argocd-cm') return 'not-here';
  const own = text(field(root, 'data', OF_KIND));
  if (own !== null) return isAware(own) ? 'aware' : 'other';
  const all = text(field(root, 'data', CUSTOMIZATIONS)) ?? '';
  if (!/^["']?external-secrets\.io\/ExternalSecret["']?\s*:/m.test(all) || !all.includes('health.lua'))
    return 'not-here';
  return isAware(all) ? 'aware' : 'other';
}

/** True for a check, whatever its language, that looks at both times. */
export function isAware(check: string): boolean {
  return check.includes('refreshTime') && check.includes('force-sync');
}

/** What several ConfigMaps show together: one that does not compare is enough. */
export function joinArgoHealth(all: readonly ArgoHealth[]): ArgoHealth {
  if (all.includes('other')) return 'other';
  return all.includes('aware') ? 'aware' : 'not-here';
}
