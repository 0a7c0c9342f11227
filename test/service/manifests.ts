/** Manifests in block style, as people write them. */
export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';

export const STORE = `apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata:
  name: aws
spec:
  provider:
    aws:
      service: SecretsManager
      region: ${REGION}
      role: arn:aws:iam::${ACCOUNT}:role/eso
`;

/** An ExternalSecret that fetches these keys; `more` are lines below `spec`, indented by two. */
export function externalSecret(name: string, keys: readonly string[], more = ''): string {
  const data = keys.map((key, at) => `    - secretKey: k${at}\n      remoteRef:\n        key: ${key}\n`).join('');
  return `# ${name} is kept as it is
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: ${name}
  namespace: app
spec:
  refreshInterval: 1h
${more}  secretStoreRef:
    kind: ClusterSecretStore
    name: aws
  data:
${data}`;
}

/** A Deployment that takes its environment from these Secrets. */
export function deployment(name: string, ...secrets: readonly string[]): string {
  const sources = secrets.map((secret) => `            - secretRef:\n                name: ${secret}\n`).join('');
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: app
spec:
  replicas: 2
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      containers:
        - name: main
          image: example.com/${name}:1.0.0
          envFrom:
${sources}`;
}

/** A VersionId as AWS makes them, told by its number. */
export function version(number: number): string {
  return `0a1b2c3d-0000-4000-8000-${String(number).padStart(12, '0')}`;
}
