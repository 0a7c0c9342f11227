import { test } from 'vitest';
import { checkBuilds, hasKubectl, overlayCases } from './overlay-cases.ts';

test.skipIf(!hasKubectl).each(overlayCases)(
  '%s: Kustomize builds the same but for our annotations (needs kubectl)',
  checkBuilds,
);
