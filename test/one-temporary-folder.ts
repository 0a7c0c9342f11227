import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string | null = null;

/** Every temporary file of a run lies in one folder, which is gone afterwards, however the tests ended. */
export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), 'gitops-reloader-test-'));
  process.env['TMPDIR'] = folder;
}

export function teardown(): void {
  if (folder !== null) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
