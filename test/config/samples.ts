import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/domain/problem.ts';
/** The least that loads. */
export const MINIMAL = `apiVersion: gitops-reloader.dev/v1alpha1
kind: Config
metadata: {name: acme}
spec:
  notificationSources:
    - type: AwsSqs
      awsSqs: {queueURL: "https://sqs.eu-west-1.amazonaws.com/111122223333/rotations"}
  aws:
    accounts: [{id: "111122223333", regions: [eu-west-1]}]
  repositories:
    - name: platform
      url: https://github.com/acme/platform-gitops.git
      forge: {type: github, auth: {token: {env: GITHUB_TOKEN}}}
      branches: [{base: main}]
`;

/** Every key of the table once, alternatives and refused keys left out. */
export const FULL = `apiVersion: gitops-reloader.dev/v1alpha1
kind: Config
metadata: {name: acme}
spec:
  paused: true
  secretsDir: /run/secrets/
  coalesce: {window: 5s, cap: 1m30s, urgent: ["^prod/payments/", "root$"]}
  reconcile: {interval: 2h, automatic: false, baseline: none}
  notificationSources:
    - type: AwsSqs
      awsSqs:
        queueURL: https://sqs.eu-west-1.amazonaws.com/111122223333/rotations
        region: eu-west-1
        endpoint: http://127.0.0.1:4566
        maxNumberOfMessages: 5
        waitTimeSeconds: 10
        visibilityTimeout: 300
        auth:
          authMethod: static
          secretRef:
            accessKeyIdSecretRef: {name: aws, key: id}
            secretAccessKeySecretRef: {name: aws, key: secret}
            sessionTokenSecretRef: {name: aws, key: session}
  destinationsToWatch:
    - type: ExternalSecret
      externalSecret:
        names: [db]
        namespaces: [payments]
        labelSelectors: {matchLabels: {team: payments},
          matchExpressions: [{key: tier, operator: In, values: [backend]}]}
    - {type: Deployment, deployment: {names: [api]}}
    - {type: StatefulSet, statefulSet: {namespaces: [data]}}
    - {type: DaemonSet, daemonSet: {}}
    - {type: Rollout, rollout: {}}
  aws:
    accounts:
      - {id: "111122223333", regions: [eu-west-1, us-east-1], role: "arn:aws:iam::111122223333:role/describe", additionalRoles: ["arn:aws:iam::444455556666:role/hub"], externalId: acme}
      - {id: "012345678901", regions: [eu-west-1]}
    endpoints: {sqs: "https://sqs.acme.example", secretsManager: "https://sm.acme.example", parameterStore: "https://ssm.acme.example", sts: "http://localhost:1"}
    truth: event
  repositories:
    - name: platform
      url: https://github.acme.example/acme/platform-gitops/
      forge: {type: github, apiUrl: "https://github.acme.example/api/v3/", auth: {token: {secretRef: {name: github, key: token}}}}
      branches:
        - {base: main, paths: ["clusters/**"], exclude: ["**/charts/**"], order: refreshOnly, pin: version, kustomize: overlay, settle: 10m, evidence: {delay: 90s, statuses: [{paths: ["clusters/eu/**"], contexts: ["kustomization/apps/*"]}]}, group: {by: secret, path: "clusters/{cluster}/**"}, limits: {open: 5, perHour: none, maxObjects: 20}, merge: {mode: bot, method: squash, minimumAge: 1h}, windows: {timeZone: Asia/Tokyo, allow: [{cron: "0 22 * * 1-5", duration: 4h}], exclude: [{cron: "0 0 24 12 *", duration: 72h}]}}
        - {base: release/1.0, order: together}
      stores: [{kind: SecretStore, name: aws, namespace: payments, account: "111122223333", region: us-east-1}]
      paths: [{path: "clusters/eu/**", account: "111122223333", region: eu-west-1}]
      unknownStore: ignore
      mappings: [{secret: prod/db, account: "111122223333", region: eu-west-1, workloads: [{kind: Deployment, namespace: payments, name: api, labels: {app: api}}]}]
      group: {by: secret, path: ["env/{env}/{cluster}/**", "env/{env}/**"]}
      groups: [{name: payments, secrets: [prod/payments/*], paths: ["apps/payments/**"]}]
      branchPrefix: bots/rotation
      pullRequest: {labels: [rotation], assignees: [ana], reviewers: [ben], teamReviewers: [platform], draft: true, rebaseWhen: behind, title: "[{{ repository }}] {{ subject }}", body: "{{ sections.opening }}"}
      limits: {open: none, perHour: 10, maxObjects: none}
      windows: {timeZone: Europe/Berlin, allow: [{cron: "0 9 * * MON-THU", duration: 8h}], exclude: [{cron: "0 12 * * *", duration: 1h30m}]}
      commit: {author: "Rotation Bot <bot@acme.example>", subject: "chore: {{ subject }}", via: git, signing: {format: ssh, keySecretRef: {name: signing, key: id}, passphraseSecretRef: {name: signing, key: pass}}}
      git: {pushOptions: [ci.skip, "merge_request.label=rotation"]}
      restart: {on: [env, envFrom], rollout: restartAt, reloader: autoAll, whenReloader: both, kinds: [{group: apps.kruise.io, kind: CloneSet, template: spec.template}]}
  git: {transport: isomorphic, cacheDir: /var/cache/gitops-reloader}
  network: {proxySecretRef: {name: proxy, key: url}, noProxy: [.acme.example, 10.0.0.0/8], caFile: /etc/ca/ca.crt}
  sweep: {interval: 1m}
  status: {host: 127.0.0.1, port: 9090}
  cache: {directory: /var/cache/gitops-reloader-index}
`;

/** `text` with the one occurrence of `from` replaced: a sample and what is wrong with it, in one line. */
export function swap(text: string, from: string, to: string): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`the sample holds ${parts.length - 1} times: ${from}`);
  return parts.join(to);
}

/** The least configuration with an entry of `destinationsToWatch`. */
export function watch(entry: string): string {
  return swap(MINIMAL, 'spec:\n', `spec:\n  destinationsToWatch: [${entry}]\n`);
}

/** The configuration that this text is; throws its problems. */
export function load(text: string): Config {
  const loaded = loadConfig(text, 'config.yaml');
  if (loaded.kind === 'problems') throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.config;
}
