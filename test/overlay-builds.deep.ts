import { readdirSync } from 'node:fs';
import { test } from 'vitest';
import { GOLDEN_REPOSITORIES } from './golden-repositories.ts';
import { hasKustomize } from './kubectl.ts';
import { checkBuilds } from './overlay-builds.ts';

test.skipIf(!hasKustomize).each(readdirSync(GOLDEN_REPOSITORIES).filter((name) => name.startsWith('overlay-')))(
  '%s: Kustomize builds the same but for our annotations (needs kubectl)',
  checkBuilds,
);
