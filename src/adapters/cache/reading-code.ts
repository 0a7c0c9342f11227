import { createHash, type Hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The rooms that decide what a file says, and the packages that they may use: see the import table. */
export const READING_ROOMS = ['manifests', 'domain'] as const;
export const READING_PACKAGES = ['yaml', 're2js'] as const;

const SOURCE = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A digest of everything that decides what a file says, but for the configuration: this program's version, the code of the
 * rooms that read, their packages, and Node. Taken from the code that runs, so that nobody can forget to change it.
 */
export function readingCode(): string {
  const hash = createHash('sha256');
  add(hash, 'node', process.version);
  add(hash, 'program', readFileSync(join(SOURCE, '..', 'package.json')));
  const require = createRequire(import.meta.url);
  for (const name of READING_PACKAGES) add(hash, name, readFileSync(descriptionAbove(require.resolve(name))));
  for (const room of READING_ROOMS) {
    const names = readdirSync(join(SOURCE, room), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((one) => /\.[jt]s$/.test(one)).toSorted())
      add(hash, `${room}/${name}`, readFileSync(join(SOURCE, room, name)));
  }
  return hash.digest('hex');
}

/** Its length goes before each part: no two lists of parts look alike. */
function add(hash: Hash, name: string, content: string | Uint8Array): void {
  hash.update(JSON.stringify([name, content.length])).update(content);
}

function descriptionAbove(file: string): string {
  const folder = dirname(file);
  const description = join(folder, 'package.json');
  return existsSync(description) || folder === dirname(folder) ? description : descriptionAbove(folder);
}
