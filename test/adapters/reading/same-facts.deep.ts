import { expect, test } from 'vitest';
import { createManifestReader } from '../../../src/adapters/reading/manifest-reader.ts';
import { createReaderHere } from '../../../src/adapters/reading/read-here.ts';
import { filesIn, read } from './reading.ts';

const nothing = () => undefined;
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

test('workers say what this thread says, of every file in the fixtures', async () => {
  const blobs = filesIn('fixtures');
  const reader = createManifestReader({ log: SILENT });
  const told = await read(reader, blobs);
  await reader.close();
  expect(told.length).toBeGreaterThan(1000);
  expect(told).toStrictEqual(await read(createReaderHere(), blobs));
});
