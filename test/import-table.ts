/** What each room may import from `src/`, and which packages from outside; ARCHITECTURE.md shows the same. */
export const IMPORT_TABLE: Record<string, { rooms: readonly string[]; packages: readonly string[] }> = {
  domain: { rooms: [], packages: [] },
  events: { rooms: ['domain'], packages: [] },
  manifests: { rooms: ['domain'], packages: ['yaml', 're2js'] },
  plan: { rooms: ['domain', 'manifests'], packages: ['croner'] },
  words: { rooms: ['domain', 'plan'], packages: ['diff', 'liquidjs'] },
  config: { rooms: ['domain', 'words'], packages: ['yaml', 're2js', 'croner'] },
  'ports.ts': { rooms: ['domain', 'plan'], packages: [] },
  service: { rooms: ['domain', 'events', 'manifests', 'plan', 'words', 'ports.ts'], packages: [] },
  'adapters/aws': {
    rooms: ['domain', 'plan', 'ports.ts', 'adapters/net'],
    packages: ['node:*', '@aws-sdk/*', '@smithy/*'],
  },
  'adapters/cache': { rooms: ['domain', 'plan', 'ports.ts'], packages: ['node:*'] },
  'adapters/git': { rooms: ['domain', 'plan', 'ports.ts', 'adapters/net'], packages: ['node:*', 'isomorphic-git'] },
  'adapters/forge': {
    rooms: ['domain', 'plan', 'ports.ts', 'adapters/net'],
    packages: ['node:*', '@octokit/*', 'bottleneck', 'bottleneck/*'],
  },
  'adapters/http': { rooms: ['domain', 'plan', 'ports.ts'], packages: ['node:*', 'prom-client'] },
  'adapters/local': { rooms: ['domain', 'plan', 'ports.ts'], packages: ['node:*', 'pino'] },
  'adapters/memory': { rooms: ['domain', 'plan', 'ports.ts'], packages: ['node:*'] },
  'adapters/net': { rooms: ['domain'], packages: ['node:*'] },
  'adapters/reading': { rooms: ['domain', 'manifests', 'ports.ts'], packages: ['node:*'] },
  'adapters/signing': { rooms: ['domain', 'plan', 'ports.ts'], packages: ['node:*', 'openpgp', 'bcrypt-pbkdf'] },
  wire: {
    rooms: ['domain', 'events', 'manifests', 'plan', 'words', 'config', 'ports.ts', 'service', 'adapters/*'],
    packages: ['node:*'],
  },
  demo: { rooms: ['domain', 'ports.ts', 'wire'], packages: ['node:*', 'ajv', 'ajv-formats', 'picocolors'] },
  cli: {
    rooms: ['domain', 'plan', 'words', 'service', 'config', 'ports.ts', 'wire', 'demo'],
    packages: ['node:*', 'commander'],
  },
  'main.ts': { rooms: ['cli'], packages: [] },
};
