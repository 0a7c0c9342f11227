import { test } from 'vitest';
import { checkMarkerEdits } from './marker-edits.ts';

test('an edit of markers changes nothing but the marked values, in 4,000 texts', () => checkMarkerEdits(4000), 300_000);
