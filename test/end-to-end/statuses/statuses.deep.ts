import { mergedRefresh } from './merged-refresh.ts';

mergedRefresh(['squash', 'rebase', 'merge']);
