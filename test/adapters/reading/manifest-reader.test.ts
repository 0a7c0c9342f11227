import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createManifestReader, type ReaderOptions } from '../../../src/adapters/reading/manifest-reader.ts';
import { createReaderHere } from '../../../src/adapters/reading/read-here.ts';
import type { BlobFacts } from '../../../src/manifests/objects.ts';
import type { ManifestReader } from '../../../src/manifests/parse/manifest-reader.ts';
import type { Log, LogFields } from '../../../src/ports.ts';
import { heapBytes } from '../heap-bytes.ts';
import { filesIn, read } from './reading.ts';

const NEVER = new AbortController().signal;
const SECRET = `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, namespace: app}
spec: {secretStoreRef: {name: aws, kind: SecretStore}, data: [{remoteRef: {key: prod/db}}]}
`;
/** One MiB that keeps a parser busy for about two seconds. */
const SLOW = `kind: List\nitems:\n- &one\n  apiVersion: secrets-store.csi.x-k8s.io/v1\n  kind: SecretProviderClass
  metadata: {name: slow}\n  spec:\n    provider: aws\n    parameters:\n      objects: |
${'        - objectName: prod/db\n'.repeat(12_000)}${'- *one\n'.repeat(90_000)}`;

const opened: ManifestReader[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((reader) => reader.close()));
});

test('a worker says what this thread says', async () => {
  const blobs = [
    ...filesIn('fixtures').filter((_, at) => at % 40 === 0),
    Buffer.from([0xff, 0xfe, 0]),
    Buffer.from(''),
    Buffer.from(SECRET),
  ];
  const here = createReaderHere();
  const { reader } = open({ limits: { many: 0 } });
  const [told, expected] = [await read(reader, blobs), await read(here, blobs)];
  expect(told.length).toBeGreaterThan(50);
  expect(told).toStrictEqual(expected);
});

test('a file that takes too long is unreadable, and its neighbours are read', async () => {
  const { reader, lines } = open({ limits: { many: 0, fileMilliseconds: 300, smallBytes: 2_000_000 } });
  const blobs = [secret('a'), secret('b'), Buffer.from(SLOW), secret('c')];
  const facts = await read(reader, blobs);
  expect(facts.map(saying)).toEqual(['a', 'b', 'too-costly: reading the file takes too long', 'c']);
  expect(facts[2]?.text).toBe(SLOW);
  expect(lines).toMatchObject([{ bytes: SLOW.length, reason: 'time' }]);
});

test('a file that takes all memory is unreadable, and its neighbours are read', async () => {
  const { reader, lines } = open({ limits: { many: 0, heapMegabytes: 16, smallBytes: 2_000_000 } });
  const dense = Buffer.from(`${SECRET}x: [${'[],'.repeat(190_000)}]\n`);
  const facts = await read(reader, [secret('a'), dense, secret('b')]);
  expect(facts.map(saying)).toEqual(['a', 'too-costly: reading the file takes too much memory', 'b']);
  expect(lines).toMatchObject([{ reason: 'memory' }]);
});

test('few and small files need no worker, a large one does', async () => {
  const { reader } = open({});
  const before = threads();
  expect((await read(reader, [secret('a'), secret('b')])).map(saying)).toEqual(['a', 'b']);
  expect(threads()).toBe(before);
  const large = Buffer.from(`${SECRET}# ${'x'.repeat(70_000)}\n`);
  expect((await read(reader, [secret('a'), large])).map(saying)).toEqual(['a', 'db']);
  expect(threads()).toBe(before + 1);
  await reader.close();
  expect(threads()).toBe(before);
});

test('what is kept of a file does not keep its text', async () => {
  const { reader } = open({});
  const padding = '#'.repeat(60_000);
  const blobs = Array.from({ length: 300 }, (_, at) =>
    Buffer.from(`${longSecret(`name-of-more-than-13-${at}`)}# ${padding}${at}\n`),
  );
  const before = heapBytes();
  const facts = await read(reader, blobs);
  expect(heapBytes() - before).toBeLessThan(3_000_000);
  expect(facts.map(saying)).toEqual(blobs.map((_, at) => `name-of-more-than-13-${at}`));
});

test('workers end when there was nothing to read for a while, and start again', async () => {
  const { reader } = open({ limits: { smallBytes: 1, idleMilliseconds: 1 } });
  const before = threads();
  for (let round = 0; round < 2; round += 1) {
    expect((await read(reader, [secret('a')])).map(saying)).toEqual(['a']);
    await until(() => threads() === before);
  }
});

test('no worker is left when many blobs were read, but one that others still need', async () => {
  const { reader } = open({ limits: { many: 1, workers: 2 } });
  const before = threads();
  const large = Buffer.from(`${SECRET}# ${'x'.repeat(70_000)}\n`);
  for (let round = 0; round < 2; round += 1) {
    const both = [read(reader, [secret('a'), secret('b')]), read(reader, [large])];
    expect((await Promise.all(both)).flat().map(saying)).toEqual(['a', 'b', 'db']);
    await read(reader, [secret('a'), secret('b')]);
    expect(threads()).toBe(before);
  }
});

test('an abort is heard at once, and the next job is read', async () => {
  const { reader } = open({ limits: { smallBytes: 1000, fileMilliseconds: 400 } });
  const abort = new AbortController();
  const reading = read(reader, [Buffer.from(SLOW)], abort.signal);
  abort.abort();
  await expect(reading).rejects.toThrow(/abort/i);
  expect((await read(reader, [secret('a')])).map(saying)).toEqual(['a']);
  await expect(read(reader, [secret('a')], abort.signal)).rejects.toThrow(/abort/i);
});

test('closing ends what is being read, and everything after', async () => {
  const { reader } = open({ limits: { many: 0, workers: 1 } });
  const before = threads();
  const reading = [read(reader, [Buffer.from(SLOW)]), read(reader, [secret('a')])];
  const ends = Promise.allSettled(reading);
  await until(() => threads() > before);
  await reader.close();
  expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(read(reader, [secret('a')])).rejects.toMatchObject({ code: 'file-unreadable', retry: 'later' });
  expect(threads()).toBe(before);
});

test('where there is no built worker, all is read here, and that is said', async () => {
  const { reader, lines } = open({ limits: { many: 0 }, program: pathToFileURL(join(import.meta.dirname, 'none.js')) });
  expect((await read(reader, [secret('a'), secret('b')])).map(saying)).toEqual(['a', 'b']);
  expect(lines).toMatchObject([{ reason: 'MODULE_NOT_FOUND', files: 2 }]);
});

test('where no thread can be had, all is read here, and that is said', async () => {
  // Refused at once, as it is where a process may have no more threads.
  const { reader, lines } = open({ limits: { many: 0 }, program: new URL('http://127.0.0.1/worker.js') });
  expect((await read(reader, [secret('a'), secret('b')])).map(saying)).toEqual(['a', 'b']);
  expect(lines).toMatchObject([{ reason: 'ERR_INVALID_URL_SCHEME', files: 2 }]);
});

test('a blob that cannot be loaded ends the whole job', async () => {
  const { reader } = open({ limits: { many: 0 } });
  const job = {
    oids: ['a'.repeat(40)],
    kinds: [],
    load: () => Promise.reject(new Error('gone')),
    tell: () => undefined,
  };
  await expect(reader.read(job, NEVER)).rejects.toThrow('gone');
});

function open(options: Partial<ReaderOptions>) {
  const lines: LogFields[] = [];
  const note = (fields: LogFields) => void lines.push(fields);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const reader = createManifestReader({ log, ...options });
  opened.push(reader);
  return { reader, lines };
}

function saying(facts: BlobFacts | undefined): string {
  const [problem] = facts?.unreadable ?? [];
  return problem === undefined ? (facts?.objects[0]?.name ?? 'nothing') : `${problem.code}: ${problem.message}`;
}

/** Long words of a text are cut out of it, and not copied. */
function longSecret(name: string): string {
  return SECRET.replace('name: db', `name: ${name}`).replace('prod/db', `prod/db/${name}`);
}

function secret(name: string): Uint8Array {
  return Buffer.from(SECRET.replace('name: db', `name: ${name}`));
}

/** Workers of this process that run. */
function threads(): number {
  return (process.report.getReport() as unknown as { readonly workers: readonly unknown[] }).workers.length;
}

async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
