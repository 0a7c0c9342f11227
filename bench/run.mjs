// Measures the pure rooms on a synthetic repository; prints medians. Usage: npm run bench [-- FILES RUNS]
import { performance } from 'node:perf_hooks';
import { decodeMessage } from '../dist/events/decode-message.js';
import { buildIndex } from '../dist/manifests/build-index.js';
import { editWhatCanBe } from '../dist/manifests/edit-annotations.js';
import { readBlob } from '../dist/manifests/read-blob.js';
import { planRefresh } from '../dist/plan/plan-refresh.js';
import { everything } from '../dist/plan/scope.js';

const [files = 10_000, runs = 5] = process.argv.slice(2).map(Number);
const EVENT = JSON.stringify({
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': 'Secret Label Updated',
  source: 'aws.secretsmanager',
  account: '111122223333',
  time: '2026-02-06T16:43:48Z',
  region: 'eu-west-1',
  resources: ['arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/app-0-Ab3dEf'],
  detail: { name: 'prod/app-0', labelUpdated: 'AWSCURRENT', versionId: '4d383ea9-084a-49c9-8722-cbfb0f25c456' },
});
const accounts = [{ id: '111122223333', regions: ['eu-west-1'] }];
const bindings = { stores: [], paths: [], unknownStore: 'match' };
const bytes = Array.from({ length: files }, (_, at) => Buffer.from(manifest(at)));
const paths = bytes.map((_, at) => `apps/team-${at % 40}/app-${at >> 2}/${at % 4}.yaml`);

report(
  'decode one event',
  1,
  () => {
    for (let at = 0; at < 1000; at += 1) decodeMessage(EVENT, null);
  },
  1000,
);
const facts = report(`read ${files} blobs`, 1, () => bytes.map((one) => readBlob(one)));
const listed = facts.map((one, at) => ({ path: paths[at], facts: one }));
const index = report(`index ${files} files`, 1, () => buildIndex(listed, { accounts, bindings }));
report(`plan one secret of ${index.externalSecrets.length}`, 1, () => planRefresh(request(index)));
const text = bytes[0].toString('utf8');
const edit = { document: 0, item: null, kind: 'ExternalSecret', name: 'app-0', target: 'metadata' };
report(
  'edit and prove one annotation',
  1,
  () => {
    for (let at = 0; at < 100; at += 1) editWhatCanBe(text, [{ ...edit, annotation: 'force-sync', value: `v${at}` }]);
  },
  100,
);
console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);

function report(name, warmUps, act, divisor = 1) {
  let result;
  for (let at = 0; at < warmUps; at += 1) result = act();
  const times = Array.from({ length: runs }, () => {
    const begin = performance.now();
    result = act();
    return (performance.now() - begin) / divisor;
  }).toSorted((left, right) => left - right);
  const shown = [times[0], times[times.length >> 1], times.at(-1)].map((time) => time.toFixed(3));
  console.log(`${name.padEnd(36)} median ${shown[1]} ms (${shown[0]} to ${shown[2]})`);
  return result;
}

function request(graph) {
  const wish = {
    service: 'secretsmanager',
    account: '111122223333',
    region: 'eu-west-1',
    names: ['prod/app-0'],
    suffix: null,
  };
  const known = {
    kind: 'described',
    name: 'prod/app-0',
    versions: new Map([['AWSCURRENT', '4d383ea9-084a-49c9-8722-cbfb0f25c456']]),
    seenAt: '2026-01-01T00:00:00Z',
    deleted: false,
  };
  return {
    index: graph,
    wishes: [{ ...wish, label: 'AWSCURRENT', moved: true }],
    truth: new Map([['secretsmanager:111122223333:eu-west-1:prod/app-0', known]]),
    scope: everything('staged'),
    earlier: new Map(),
    rejected: new Set(),
    notEditable: new Map(),
  };
}

function manifest(at) {
  const app = `app-${at >> 2}`;
  if (at % 4 === 0) {
    return `apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: ${app}\n  namespace: team-${at % 40}\nspec:\n  refreshInterval: 1h\n  secretStoreRef:\n    kind: ClusterSecretStore\n    name: aws\n  target:\n    name: ${app}\n  data:\n    - secretKey: password\n      remoteRef:\n        key: prod/${app}\n        property: password\n`;
  }
  if (at % 4 === 1) {
    return `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${app}\n  namespace: team-${(at - 1) % 40}\nspec:\n  replicas: 2\n  template:\n    spec:\n      containers:\n        - name: main\n          image: registry.example/${app}:1.0.0\n          envFrom:\n            - secretRef:\n                name: ${app}\n`;
  }
  const ports = Array.from({ length: 20 }, (_, port) => `    - name: p${port}\n      port: ${8000 + port}\n`).join('');
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${app}-${at % 4}\nspec:\n  ports:\n${ports}`;
}
