import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { createProgram } from '../../src/cli/program.ts';
import { VERSION } from '../../src/cli/version.ts';
import { loadConfig } from '../../src/config/load-config.ts';

const FOLDER = 'templates/kubernetes';
const NAME = 'gitops-reloader';
const LABELS = { 'app.kubernetes.io/name': NAME };
const kubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
}

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly Mount[];
  readonly livenessProbe: unknown;
  readonly readinessProbe: unknown;
  readonly resources: unknown;
  readonly securityContext: unknown;
}

interface PodSpec {
  readonly serviceAccountName: string;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number };
  readonly containers: readonly [Container];
  readonly volumes: readonly { readonly name: string; readonly [source: string]: unknown }[];
}

interface Kustomization {
  readonly namespace: string;
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly [{ readonly name: string; readonly files: readonly string[] }];
  readonly images: readonly [{ readonly name: string; readonly newTag: string }];
}

function read(file: string): unknown {
  const documents = parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8'), { strict: true });
  expect([file, documents.length, documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])]).toEqual([
    file,
    1,
    [],
  ]);
  return documents[0]?.toJS();
}

const kustomization = read('kustomization.yaml') as Kustomization;
const deployment = read('deployment.yaml') as {
  readonly spec: {
    readonly selector: unknown;
    readonly template: { readonly metadata: unknown; readonly spec: PodSpec };
  };
};
const pod = deployment.spec.template.spec;
const [container] = pod.containers;
const loaded = loadConfig(readFileSync(join(FOLDER, 'config.yaml'), 'utf8'), 'config.yaml');
const config = loaded.kind === 'config' ? loaded.config : null;

test('every file is listed, or said not to be; every object has the one name', () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));
  const unlisted = ['config.yaml', 'kustomization.yaml', 'pod-monitor.yaml'];
  expect(files.filter((file) => !unlisted.includes(file)).toSorted()).toEqual(kustomization.resources.toSorted());
  const text = readFileSync(join(FOLDER, 'kustomization.yaml'), 'utf8');
  for (const commented of ['pod-monitor.yaml', 'web-identity']) {
    expect(text).toContain(`# - ${commented}\n`);
    expect(existsSync(join(FOLDER, commented))).toBe(true);
  }
  for (const file of [...kustomization.resources, 'pod-monitor.yaml']) {
    expect(read(file)).toMatchObject({ metadata: { name: NAME } });
  }
  expect(kustomization.namespace).toBe(NAME);
  const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8');
  expect(files.filter((file) => !readme.includes(`\`${file}\``))).toEqual([]);
});

test('the configuration is one, and speaks of files that are mounted', () => {
  expect(loaded).toMatchObject({ kind: 'config', notices: [] });
  const folders = container.volumeMounts.filter(({ readOnly }) => readOnly === true).map(({ mountPath }) => mountPath);
  const auth = config?.repositories[0]?.forge.auth;
  const key = auth?.kind === 'app' && auth.privateKey.kind === 'file' ? auth.privateKey.path : '';
  expect(folders).toContain(key.replace(/\/[^/]+$/, ''));
  expect(folders).toContain(`${config?.secretsDir}/github`);
});

test('the arguments are a command that the program has', () => {
  const silent = { out: () => undefined, note: () => undefined, progress: () => undefined };
  const run = createProgram(silent, () => undefined).commands.find((command) => command.name() === container.args[0]);
  const options = container.args.filter((argument) => argument.startsWith('--'));
  expect(options.filter((option) => run?.options.every(({ long }) => long !== option))).toEqual([]);
  const [generator] = kustomization.configMapGenerator;
  const place = container.volumeMounts.find(({ name }) => name === 'config')?.mountPath;
  expect(container.args).toContain(`${place}/${generator.files[0]}`);
  expect(generator.name).toBe(NAME);
  expect(kustomization.images[0]).toMatchObject({ name: container.image, newTag: VERSION });
});

test('a stop has the time that it may need', () => {
  const grace = Number(container.args[container.args.indexOf('--grace') + 1]);
  const waits = config?.sources.map(({ waitTimeSeconds }) => waitTimeSeconds) ?? [];
  expect(grace).toBeGreaterThan(Math.max(...waits));
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(grace + 30);
});

test('one port, everywhere', () => {
  expect(container.ports).toEqual([{ name: 'status', containerPort: config?.status.port }]);
  expect(container).toMatchObject({
    livenessProbe: { httpGet: { path: '/livez', port: 'status' } },
    readinessProbe: { httpGet: { path: '/readyz', port: 'status' } },
  });
  const port = config?.status.port;
  expect(read('service.yaml')).toMatchObject({
    spec: { selector: LABELS, ports: [{ name: 'status', port, targetPort: 'status' }] },
  });
  expect(read('pod-monitor.yaml')).toMatchObject({
    spec: { podMetricsEndpoints: [{ port: 'status', path: '/metrics' }] },
  });
});

test('it runs as nobody, writes nowhere but /tmp, and has no token of the cluster', () => {
  const [, user, group] = /^USER (\d+):(\d+)$/m.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
  const [runAsUser, runAsGroup] = [Number(user), Number(group)];
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser,
      runAsGroup,
      fsGroup: runAsGroup,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  });
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  expect(container.resources).toMatchObject({
    requests: { cpu: expect.any(String), memory: expect.any(String) },
    limits: { memory: expect.any(String) },
  });
  const writable = container.volumeMounts.filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath);
  expect(writable).toEqual(['/tmp']);
  expect(container.volumeMounts.map(({ name }) => name)).toEqual(pod.volumes.map(({ name }) => name));
  expect(pod.volumes.flatMap((volume) => Object.keys(volume)).filter((key) => key !== 'name')).toEqual([
    'configMap',
    'secret',
    'emptyDir',
  ]);
  expect(read('service-account.yaml')).toMatchObject({
    metadata: { name: pod.serviceAccountName },
    automountServiceAccountToken: false,
  });
  const all = readdirSync(FOLDER).map((file) =>
    file.endsWith('.yaml') ? readFileSync(join(FOLDER, file), 'utf8') : '',
  );
  expect(all.join('\n')).not.toMatch(/kind: (?:Cluster)?Role(?:Binding)?$/m);
});

test('selectors find the pod; in come metrics, out go 443 and DNS', () => {
  const selector = { matchLabels: LABELS };
  expect(deployment.spec).toMatchObject({ selector, template: { metadata: { labels: LABELS } } });
  expect(read('pod-disruption-budget.yaml')).toMatchObject({ spec: { selector, maxUnavailable: 1 } });
  expect(read('pod-monitor.yaml')).toMatchObject({ spec: { selector } });
  const { spec } = read('network-policy.yaml') as {
    readonly spec: Readonly<Record<'ingress' | 'egress', readonly { readonly ports: readonly object[] }[]>>;
  };
  expect(spec).toMatchObject({ podSelector: selector, policyTypes: ['Ingress', 'Egress'] });
  expect(spec.ingress.flatMap(({ ports }) => ports)).toEqual([{ protocol: 'TCP', port: 'status' }]);
  expect(spec.egress.flatMap(({ ports }) => ports)).toEqual([
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
    { protocol: 'TCP', port: 443 },
  ]);
});

test('the commands of its README name what is there', () => {
  const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8');
  const secret = pod.volumes.find(({ name }) => name === 'github')?.['secret'] as { readonly secretName: string };
  expect(readme).toContain(`kubectl kustomize ${FOLDER}\n`);
  expect(readme).toContain(`kubectl apply -k ${FOLDER}\n`);
  expect(readme).toContain(`create secret generic ${secret.secretName} --from-file=key.pem\n`);
  expect(readme.match(/deployment\/\S+/g)?.every((name) => name === `deployment/${NAME}`)).toBe(true);
});

test.skipIf(!kubectl)('it builds; the ConfigMap that is made is the one that is mounted (needs kubectl)', () => {
  const objects = documentsIn(execFileSync('kubectl', ['kustomize', FOLDER], { encoding: 'utf8' }));
  expect(Object.keys(objects).toSorted()).toEqual([
    'ConfigMap',
    'Deployment',
    'Namespace',
    'NetworkPolicy',
    'PodDisruptionBudget',
    'Service',
    'ServiceAccount',
  ]);
  const { ConfigMap: map, Deployment: built, Namespace: _, ...others } = objects;
  expect(map?.metadata.name).toMatch(/^gitops-reloader-\w+$/);
  expect(JSON.stringify(built)).toContain(`"configMap":{"name":"${map?.metadata.name}"}`);
  expect(JSON.stringify(built)).toContain(`/gitops-reloader:${VERSION}"`);
  for (const one of [map, built, ...Object.values(others)]) {
    expect(one).toMatchObject({ metadata: { namespace: NAME, labels: LABELS } });
  }
});

interface Built {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** What kubectl prints, by kind. */
function documentsIn(text: string): Readonly<Record<string, Built>> {
  const documents = text.split(/^---$/m).map((document) => parse(document) as Built);
  return Object.fromEntries(documents.map((document) => [document.kind, document]));
}

test('the component gives the pod a token for STS alone, where its environment says', () => {
  const { patches } = read('web-identity/kustomization.yaml') as {
    readonly patches: readonly [{ readonly patch: string }];
  };
  const patch = parse(patches[0].patch) as typeof deployment;
  const added = patch.spec.template.spec;
  expect(added.containers[0]).toMatchObject({ name: NAME });
  const text = JSON.stringify(added);
  const place = added.containers[0].volumeMounts[0]?.mountPath;
  expect(text).toContain(`{"name":"AWS_WEB_IDENTITY_TOKEN_FILE","value":"${place}/token"}`);
  expect(text).toContain(
    '{"serviceAccountToken":{"audience":"sts.amazonaws.com","expirationSeconds":3600,"path":"token"}}',
  );
  const role = /eks\.amazonaws\.com\/role-arn: (\S+)/.exec(
    readFileSync(join(FOLDER, 'service-account.yaml'), 'utf8'),
  )?.[1];
  expect(text).toContain(`{"name":"AWS_ROLE_ARN","value":"${role}"}`);
});
