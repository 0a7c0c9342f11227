import { test } from 'vitest';
import { hasKustomize } from './kubectl.ts';
import { checkBuilds, overlayCases } from './overlay-cases.ts';

test.skipIf(!hasKustomize).each(overlayCases)(
  '%s: Kustomize builds the same but for our annotations (needs kubectl)',
  checkBuilds,
);
