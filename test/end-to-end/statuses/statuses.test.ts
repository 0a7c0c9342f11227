import { mergedRefresh } from './merged-refresh.ts';

mergedRefresh(['merge']);
