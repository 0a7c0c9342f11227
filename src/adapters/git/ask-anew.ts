import { Failure } from '../../domain/failure.ts';
import type { Advertisement } from './protocol/server-refs.ts';

const ASKED_ANEW: ReadonlySet<string> = new Set(['git-unreadable', 'git-rejected']);

/**
 * Waits for something that is fetched. Where that fails, what the host can do is asked anew: one that offered to leave blobs
 * out may no longer do so, and would refuse every fetch.
 */
export async function askAnewBehind<T>(state: { dialect: Advertisement | null }, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Failure && ASKED_ANEW.has(error.code)) state.dialect = null;
    throw error;
  }
}
