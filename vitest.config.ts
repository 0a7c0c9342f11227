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

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'fast', include: ['test/**/*.test.ts'], env, testTimeout: 20_000, hookTimeout: 20_000 } },
      { test: { name: 'deep', include: ['test/**/*.deep.ts'], env, testTimeout: 600_000, hookTimeout: 60_000 } },
    ],
  },
});
