import { test } from 'vitest';
import { checkMarkerEdits } from './marker-edits.ts';

test('an edit of markers changes nothing but the marked values', () => checkMarkerEdits(40));
