// A synthetic GitOps repository: a quarter ExternalSecrets, a quarter Deployments, the rest what nobody looks into, and a
// kustomization for every application. Argo CD deploys the first 500 of them. Deterministic.
import { STORE } from './host/manifests.mjs';

/** Which accounts its secrets may be in. */
export const PLACES = {
  accounts: [{ id: '111122223333', regions: ['eu-west-1'] }],
  bindings: { stores: [], paths: [], unknownStore: 'match' },
};

/** `count` manifests as { path, bytes }. */
export function repositoryOf(count) {
  const files = [];
  for (let app = 0; files.length < count; app += 1) {
    const folder = `apps/team-${app % 40}/app-${app}`;
    if (app < 500) files.push({ path: `argocd/app-${app}.yaml`, bytes: Buffer.from(application(app, folder)) });
    for (const [name, text] of filesOf(app)) files.push({ path: `${folder}/${name}`, bytes: Buffer.from(text) });
  }
  return [{ path: 'stores/aws.yaml', bytes: Buffer.from(STORE) }, ...files.slice(0, count - 1)];
}

/** The secret that application `app` fetches. */
export function secretOf(app) {
  return `prod/app-${app}`;
}

function filesOf(app) {
  const name = `app-${app}`;
  const namespace = `team-${app % 40}`;
  return [
    ['secret.yaml', externalSecret(name, namespace, secretOf(app))],
    ['app.yaml', deployment(name, namespace)],
    ['service.yaml', service(name)],
    ['config.yaml', service(`${name}-metrics`)],
    ['kustomization.yaml', 'resources: [secret.yaml, app.yaml, service.yaml, config.yaml]\n'],
  ];
}

function application(app, folder) {
  return `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: app-${app}
  namespace: argocd
spec:
  source:
    repoURL: https://github.com/acme/gitops.git
    targetRevision: HEAD
    path: ${folder}
  destination:
    server: https://cluster-${app % 5}.acme.example
    namespace: team-${app % 40}
`;
}

function externalSecret(name, namespace, key) {
  return `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  refreshInterval: 1h
  secretStoreRef:
    kind: ClusterSecretStore
    name: aws
  target:
    name: ${name}
  data:
    - secretKey: password
      remoteRef:
        key: ${key}
        property: password
`;
}

function deployment(name, namespace) {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: main
          image: registry.example/${name}:1.0.0
          envFrom:
            - secretRef:
                name: ${name}
`;
}

function service(name) {
  const ports = Array.from({ length: 20 }, (_, port) => `    - name: p${port}\n      port: ${8000 + port}\n`).join('');
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n${ports}`;
}
