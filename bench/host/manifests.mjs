// A GitOps repository as teams write it: apps/<team>/<app>/<env>/<kind>.yaml, ten files in each folder. Deterministic.
// `usual`: two of ten matter (an ExternalSecret and the Deployment that uses it). `dense`: four do, a kustomization among them.

const ENVIRONMENTS = ['dev', 'staging', 'prod'];
const TEAMS = 40;

/** The secret that an application fetches in each of its three environments: one rotation is an edit of three files. */
export function secretAt(app) {
  return `team-${app % TEAMS}/app-${app}`;
}

/** The files that fetch the secret of an application. */
export function pathsOf(app) {
  return ENVIRONMENTS.map((environment) => `${folderOf(app, environment)}/external-secret.yaml`);
}

/** How many applications a repository of so many manifests holds whole. */
export function wholeApps(count) {
  return Math.floor((count - 1) / 30);
}

/** `count` files as [path, text], one after the other: a large repository is never in memory as a whole. */
export function* manifestsOf(count, kind) {
  let made = 0;
  for (const file of endless(kind)) {
    if (made === count) return;
    made += 1;
    yield file;
  }
}

function* endless(kind) {
  yield ['stores/aws.yaml', STORE];
  for (let app = 0; ; app += 1) for (const environment of ENVIRONMENTS) yield* filesAt(app, environment, kind);
}

/** An ExternalSecret of that application, as it is after `change` commits that let it fetch something else too. */
export function externalSecretOf(app, environment, change = 0) {
  return externalSecret(thing(app, environment), change);
}

/** A NetworkPolicy: nothing that an index holds. */
export function networkPolicyOf(app, environment, change) {
  return networkPolicy(thing(app, environment)).replace('port: 8080', `port: ${8080 + change}`);
}

/** A ConfigMap: of use to a kustomization's replacements at most. */
export function configMapOf(app, environment, change = 0) {
  return configMap(thing(app, environment), change);
}

export function folderOf(app, environment) {
  return `apps/team-${app % TEAMS}/app-${app}/${environment}`;
}

function thing(app, environment) {
  return { name: `app-${app}`, namespace: `team-${app % TEAMS}-${environment}`, key: secretAt(app), environment };
}

function filesAt(app, environment, kind) {
  const folder = folderOf(app, environment);
  return filesOf(app, environment, kind).map(([name, text]) => [`${folder}/${name}.yaml`, text]);
}

function filesOf(app, environment, kind) {
  const one = thing(app, environment);
  const both = [
    ['external-secret', externalSecret(one, 0)],
    ['deployment', workload('Deployment', one)],
    ['service', service(one)],
    ['network-policy', networkPolicy(one)],
    ['autoscaler', autoscaler(one)],
    ['disruption-budget', disruptionBudget(one)],
    ['service-monitor', serviceMonitor(one)],
    ['config-map', configMap(one, 0)],
  ];
  return kind === 'dense'
    ? [...both, ['worker', workload('StatefulSet', one)], ['kustomization', kustomization(one)]]
    : [...both, ['role', role(one)], ['release', release(one)]];
}

/** Which store all ExternalSecrets name. */
export const STORE = `apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata:
  name: aws
spec:
  provider:
    aws: {service: SecretsManager, region: eu-west-1}
`;

function head(apiVersion, kind, { name, namespace, environment }) {
  return `apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: ${name}
  namespace: ${namespace}
  labels:
    app.kubernetes.io/name: ${name}
    app.kubernetes.io/instance: ${name}-${environment}
    app.kubernetes.io/part-of: ${namespace}
    app.kubernetes.io/managed-by: argocd
  annotations:
    acme.example/owner: ${namespace.replace(/-[a-z]+$/, '')}@acme.example
    acme.example/runbook: https://runbooks.acme.example/${name}/${environment}
`;
}

function externalSecret(one, change) {
  const more =
    change === 0 ? '' : `    - {secretKey: change-${change}, remoteRef: {key: ${one.key}, property: p${change}}}\n`;
  const property = (name) => `    - secretKey: ${name}
      remoteRef:
        key: ${one.key}
        property: ${name}
`;
  return `${head('external-secrets.io/v1', 'ExternalSecret', one)}spec:
  refreshInterval: 1h
  secretStoreRef:
    kind: ClusterSecretStore
    name: aws
  target:
    name: ${one.name}
    creationPolicy: Owner
  data:
${['username', 'password', 'host', 'port'].map(property).join('')}${more}`;
}

function workload(kind, one) {
  const variable = (name) => `            - name: DB_${name.toUpperCase()}
              valueFrom:
                secretKeyRef: {name: ${one.name}, key: ${name}}
`;
  const extra = kind === 'StatefulSet' ? `  serviceName: ${one.name}\n` : '';
  return `${head('apps/v1', kind, one)}spec:
  replicas: 2
  revisionHistoryLimit: 3
${extra}  selector:
    matchLabels: {app.kubernetes.io/name: ${one.name}}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: ${one.name}
    spec:
      serviceAccountName: ${one.name}
      securityContext: {runAsNonRoot: true, fsGroup: 2000}
      containers:
        - name: main
          image: registry.acme.example/${one.name}:1.4.2
          ports: [{name: http, containerPort: 8080}]
          envFrom: [{configMapRef: {name: ${one.name}}}]
          env:
${['username', 'password'].map(variable).join('')}          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 256Mi}
          livenessProbe:
            httpGet: {path: /healthz, port: http}
            periodSeconds: 10
          readinessProbe:
            httpGet: {path: /readyz, port: http}
            periodSeconds: 5
`;
}

function service(one) {
  return `${head('v1', 'Service', one)}spec:
  selector: {app.kubernetes.io/name: ${one.name}}
  ports:
    - {name: http, port: 80, targetPort: http}
    - {name: metrics, port: 9090, targetPort: metrics}
---
${head('networking.k8s.io/v1', 'Ingress', one)}spec:
  ingressClassName: nginx
  tls: [{hosts: [${one.name}.${one.environment}.acme.example], secretName: ${one.name}-tls}]
  rules:
    - host: ${one.name}.${one.environment}.acme.example
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: ${one.name}, port: {name: http}}}
`;
}

function networkPolicy(one) {
  return `${head('networking.k8s.io/v1', 'NetworkPolicy', one)}spec:
  podSelector: {matchLabels: {app.kubernetes.io/name: ${one.name}}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
${['ingress-nginx', 'monitoring', one.namespace].map((name) => `        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${name}}}\n`).join('')}      ports: [{protocol: TCP, port: 8080}]
  egress:
    - to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.96.0.0/12]}}]
      ports: [{protocol: TCP, port: 5432}, {protocol: TCP, port: 443}]
    - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]
      ports: [{protocol: UDP, port: 53}]
`;
}

function autoscaler(one) {
  return `${head('autoscaling/v2', 'HorizontalPodAutoscaler', one)}spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${one.name}}
  minReplicas: 2
  maxReplicas: 8
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 75}}}
    - {type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 85}}}
  behavior:
    scaleDown: {stabilizationWindowSeconds: 300, policies: [{type: Percent, value: 25, periodSeconds: 60}]}
`;
}

function disruptionBudget(one) {
  return `${head('policy/v1', 'PodDisruptionBudget', one)}spec:
  maxUnavailable: 1
  selector: {matchLabels: {app.kubernetes.io/name: ${one.name}}}
`;
}

function serviceMonitor(one) {
  return `${head('monitoring.coreos.com/v1', 'ServiceMonitor', one)}spec:
  selector: {matchLabels: {app.kubernetes.io/name: ${one.name}}}
  endpoints:
    - port: metrics
      interval: 30s
      relabelings:
        - {sourceLabels: [__meta_kubernetes_pod_node_name], targetLabel: node}
        - {sourceLabels: [__meta_kubernetes_namespace], targetLabel: namespace}
`;
}

function role(one) {
  return `${head('rbac.authorization.k8s.io/v1', 'Role', one)}rules:
  - {apiGroups: [""], resources: [configmaps, pods], verbs: [get, list, watch]}
  - {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, create, update]}
---
${head('rbac.authorization.k8s.io/v1', 'RoleBinding', one)}roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${one.name}}
subjects:
  - {kind: ServiceAccount, name: ${one.name}, namespace: ${one.namespace}}
`;
}

function configMap(one, change) {
  const lines = Array.from({ length: 20 }, (_, at) => `    feature.${at}.enabled=${(at + change) % 3 === 0}\n`).join(
    '',
  );
  return `${head('v1', 'ConfigMap', one)}data:
  LOG_LEVEL: info
  CHANGE: "${change}"
  application.properties: |
${lines}`;
}

function release(one) {
  return `${head('helm.toolkit.fluxcd.io/v2', 'HelmRelease', one)}spec:
  interval: 10m
  chart:
    spec:
      chart: redis
      version: 19.6.4
      sourceRef: {kind: HelmRepository, name: bitnami, namespace: flux-system}
  install: {remediation: {retries: 3}}
  upgrade: {remediation: {retries: 3, remediateLastFailure: true}}
  values:
    architecture: standalone
    auth: {enabled: false}
    master:
      persistence: {enabled: true, size: 8Gi}
      resources: {requests: {cpu: 50m, memory: 64Mi}}
`;
}

function kustomization({ namespace, environment }) {
  const files = ['external-secret', 'deployment', 'worker', 'service', 'network-policy', 'autoscaler'];
  return `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${namespace}
resources:
${[...files, 'disruption-budget', 'service-monitor', 'config-map'].map((name) => `  - ${name}.yaml\n`).join('')}commonAnnotations:
  acme.example/environment: ${environment}
`;
}
