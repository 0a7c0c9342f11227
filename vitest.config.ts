import { defineConfig } from 'vitest/config';

// Hermetic: one time zone, no global Git configuration, no proxy, no ambient AWS credentials.
const env = {
  TZ: 'UTC',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

// Rooms without I/O share one module graph per worker: most of their time would go into loading it again for each file.
const pure = ['cluster', 'domain', 'events', 'manifests', 'plan', 'words', 'config', 'service'].map(
  (room) => `test/${room}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    maxWorkers: 2,
    globalSetup: 'test/one-temporary-folder.ts',
    projects: [
      { test: { name: 'pure', include: [...pure, 'test/*.test.ts'], env, isolate: false, testTimeout: 20_000 } },
      {
        test: {
          name: 'world',
          include: ['test/**/*.test.ts'],
          exclude: [...pure, 'test/*.test.ts', 'node_modules/**'],
          env,
          isolate: false,
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      { test: { name: 'deep', include: ['test/**/*.deep.ts'], env, testTimeout: 600_000, hookTimeout: 60_000 } },
    ],
  },
});
