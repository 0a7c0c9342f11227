import { test } from 'vitest';
import { hasKustomize } from './kubectl.ts';
import { checkBuilds } from './overlay-builds.ts';

test.skipIf(!hasKustomize)('Kustomize builds the same but for the annotations that were meant (needs kubectl)', () =>
  checkBuilds('overlay-two-regions'),
);
