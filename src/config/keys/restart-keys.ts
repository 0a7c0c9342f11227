import { RESTART_DEFAULTS, SECRET_USES } from '../../domain/policy.ts';
import { API_GROUP, KIND, SECRET_USE, TEMPLATE_PATH } from './forms.ts';
import { choice, type KeyRow, SECTION, SECTIONS, text, texts } from './key.ts';

export const ROLLOUT_RESTARTS = ['template', 'restartAt'] as const;
export const RELOADERS = ['annotated', 'autoAll'] as const;
export const WHEN_RELOADER = ['skip', 'both'] as const;

const RESTART = 'spec.repositories[].restart';
const KINDS = `${RESTART}.kinds`;

/** Keys of a repository's `restart`: which workloads restart, and how. */
export const RESTART_KEYS: readonly KeyRow[] = [
  { path: RESTART, type: SECTION, default: null, about: 'Which workloads restart, and how.', example: '{}' },
  {
    path: `${RESTART}.on`,
    type: texts(SECRET_USE),
    default: SECRET_USES,
    about:
      'The ways of taking a Secret that a workload restarts for. Without `volumes`: files that never change in a running pod (by `subPath`, or read by an init container) still count.',
    example: '[env, envFrom]',
  },
  {
    path: `${RESTART}.rollout`,
    type: choice(ROLLOUT_RESTARTS),
    default: RESTART_DEFAULTS.rollout,
    about:
      'How an Argo Rollout restarts. `template`: by its pod template, through its own strategy and analysis. `restartAt`: its pods are evicted in place; always in stage two.',
    example: 'restartAt',
  },
  {
    path: `${RESTART}.reloader`,
    type: choice(RELOADERS),
    default: RESTART_DEFAULTS.reloader,
    about:
      'What Stakater Reloader restarts in the cluster: workloads that its annotations name, or (`autoAll`: it runs with `--auto-reload-all`) every Deployment, StatefulSet and DaemonSet.',
    example: 'autoAll',
  },
  {
    path: `${RESTART}.whenReloader`,
    type: choice(WHEN_RELOADER),
    default: RESTART_DEFAULTS.whenReloader,
    about: 'A workload that Stakater Reloader restarts: `skip` leaves it alone, `both` restarts it a second time.',
    example: 'both',
  },
  {
    path: KINDS,
    type: SECTIONS,
    default: null,
    about:
      'More kinds with a pod template; each is restarted like a Deployment, without an entry in `destinationsToWatch`.',
    example: '[{group: apps.kruise.io, kind: CloneSet}]',
  },
  { path: `${KINDS}[].group`, type: text(API_GROUP), about: 'The API group.', example: 'apps.kruise.io' },
  { path: `${KINDS}[].kind`, type: text(KIND), about: 'The kind.', example: 'CloneSet' },
  {
    path: `${KINDS}[].template`,
    type: text(TEMPLATE_PATH),
    default: 'spec.template',
    about: 'Where its pod template stands.',
    example: 'spec.template',
  },
];
