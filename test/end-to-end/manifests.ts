/** The store that every ExternalSecret here names. */
export const STORE = `apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata:
  name: aws
spec:
  provider:
    aws: {service: SecretsManager, region: eu-west-1}
`;

/** An ExternalSecret without annotations that fetches one secret. */
export function externalSecret(name: string, secret: string): string {
  return `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: ${name}
  namespace: apps
spec:
  refreshInterval: 1h
  secretStoreRef: {kind: ClusterSecretStore, name: aws}
  data:
    - secretKey: password
      remoteRef: {key: ${secret}}
`;
}

/** A repository with one ExternalSecret for each of these secrets, and their store. */
export function repositoryOf(secrets: readonly string[]): ReadonlyMap<string, string> {
  const objects = secrets.map((secret) => {
    const name = secret.replaceAll(/[^a-z0-9]+/g, '-');
    return [`apps/${name}.yaml`, externalSecret(name, secret)] as const;
  });
  return new Map([['stores/aws.yaml', STORE], ...objects]);
}

/** A Deployment whose pods read the Kubernetes Secret of one ExternalSecret. */
export function deployment(name: string, externalSecretName: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: apps
spec:
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      containers:
        - name: app
          envFrom:
            - secretRef: {name: ${externalSecretName}}
`;
}
