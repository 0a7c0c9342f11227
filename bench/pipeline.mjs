// The pure rooms one by one, on a synthetic repository.
import { decodeMessage } from '../dist/events/decode-message.js';
import { buildIndex } from '../dist/manifests/build-index.js';
import { editWhatCanBe } from '../dist/manifests/edit-annotations.js';
import { readBlob } from '../dist/manifests/read-blob.js';
import { planRefresh } from '../dist/plan/plan-refresh.js';
import { everything } from '../dist/plan/scope.js';
import { measure } from './measure.mjs';
import { PLACES, repositoryOf, secretOf } from './repository.mjs';

const VERSION = '4d383ea9-084a-49c9-8722-cbfb0f25c456';
const [{ id: account, regions }] = PLACES.accounts;
const [region] = regions;
const EVENT = JSON.stringify({
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': 'Secret Label Updated',
  source: 'aws.secretsmanager',
  account,
  time: '2026-02-06T16:43:48Z',
  region,
  resources: [`arn:aws:secretsmanager:${region}:${account}:secret:${secretOf(0)}-Ab3dEf`],
  detail: { name: secretOf(0), labelUpdated: 'AWSCURRENT', versionId: VERSION },
});

/** Decode, read, index, plan, edit: each by itself on `size` files. */
export function benchPipeline(size, runs) {
  const files = repositoryOf(size);
  measure('decode one event', runs, () => times(1000, () => decodeMessage(EVENT, null)), 1000);
  const read = measure(`read ${size} blobs`, runs, () =>
    files.map(({ path, bytes }) => ({ path, facts: readBlob(bytes) })),
  );
  const index = measure(`join ${size} files`, runs, () => buildIndex(read, PLACES));
  measure(`plan one secret of ${index.externalSecrets.length}`, runs, () => planRefresh(requestOn(index)));
  const text = files.find(({ path }) => path.endsWith('secret.yaml')).bytes.toString('utf8');
  const edit = { document: 0, item: null, kind: 'ExternalSecret', name: 'app-0', target: 'metadata' };
  const annotation = 'force-sync';
  const editOnce = (at) => editWhatCanBe(text, [{ ...edit, annotation, value: `v${at}` }]);
  measure('edit and prove one annotation', runs, () => times(100, editOnce), 100);
  console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
}

function times(count, act) {
  for (let at = 0; at < count; at += 1) act(at);
}

function requestOn(index) {
  const name = secretOf(0);
  const wish = { service: 'secretsmanager', account, region, names: [name], suffix: null };
  const versions = new Map([['AWSCURRENT', VERSION]]);
  const known = { kind: 'described', name, versions, seenAt: '2026-01-01T00:00:00Z', deleted: false };
  return {
    index,
    wishes: [{ ...wish, label: 'AWSCURRENT', moved: true }],
    truth: new Map([[`secretsmanager:${account}:${region}:${name}`, known]]),
    scope: everything('staged'),
    earlier: new Map(),
    turnedDown: { rejected: new Set(), reverted: new Map(), spared: new Set(), rejectedAt: new Map() },
    notEditable: new Map(),
    finds: 'told',
  };
}
