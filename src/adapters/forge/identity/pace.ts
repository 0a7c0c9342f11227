import type { Clock } from '../../../ports.ts';

/** How fast one identity may write, so that GitHub need not refuse it. Soft: other processes of this identity do not know of it. */
export interface Pace {
  /**
   * Waits until it is this operation's turn, some seconds at most. Where that is not enough it does not wait at all: the
   * seconds after which to ask again; 0 for "go on".
   */
  turn(operation: string, signal: AbortSignal | null): Promise<number>;
}

/** What was written lately, in epoch milliseconds. */
export interface PaceState {
  /** Writes that may go at once; below zero there are some that wait. */
  readonly tokens: number;
  /** When `tokens` was right. */
  readonly at: number;
  /** When content was created, oldest first. */
  readonly created: readonly number[];
}

export type Turn =
  | { readonly kind: 'go'; readonly waitMilliseconds: number; readonly state: PaceState }
  | { readonly kind: 'refused'; readonly seconds: number };

/**
 * GitHub asks for a second between writes, and refuses more than 80 a minute or 500 an hour that create content. 15 at once and
 * one a second after them are 75 in any minute.
 */
const AT_ONCE = 15;
const MILLISECONDS_PER_WRITE = 1000;
const CREATED_PER_HOUR = 450;
const HOUR = 3_600_000;
const LONGEST_WAIT = 5000;

const FREE = new AbortController().signal;

/** Nothing was written yet. */
export const UNUSED_PACE: PaceState = { tokens: AT_ONCE, at: 0, created: [] };

/** Whether an operation may go, and when. */
export function nextTurn(state: PaceState, operation: string, now: number): Turn {
  const weight = weightOf(operation);
  if (weight === 'read') return { kind: 'go', waitMilliseconds: 0, state };
  const created = state.created.filter((time) => time > now - HOUR);
  const [oldest = now] = created;
  if (weight === 'content' && created.length >= CREATED_PER_HOUR) {
    return { kind: 'refused', seconds: Math.max(1, Math.ceil((oldest + HOUR - now) / 1000)) };
  }
  // A clock that is set back gives nothing and takes nothing.
  const passed = Math.max(0, now - state.at) / MILLISECONDS_PER_WRITE;
  const tokens = Math.min(AT_ONCE, state.tokens + passed) - 1;
  const waitMilliseconds = Math.max(0, Math.ceil(-tokens * MILLISECONDS_PER_WRITE));
  if (waitMilliseconds > LONGEST_WAIT) return { kind: 'refused', seconds: Math.ceil(waitMilliseconds / 1000) };
  const later = weight === 'content' ? [...created, now + waitMilliseconds] : created;
  return { kind: 'go', waitMilliseconds, state: { tokens, at: now, created: later } };
}

/** The pace for one identity on GitHub itself. */
export function createPace(clock: Clock): Pace {
  let state = UNUSED_PACE;
  return {
    turn: async (operation, signal) => {
      const turn = nextTurn(state, operation, clock.now());
      if (turn.kind === 'refused') return turn.seconds;
      state = turn.state;
      if (turn.waitMilliseconds > 0) await clock.sleep(turn.waitMilliseconds, signal ?? FREE);
      return 0;
    },
  };
}

/** GitHub Enterprise Server sets such limits only where its operators do; its answers say so then. */
export function needsPace(baseUrl: string): boolean {
  if (!URL.canParse(baseUrl)) return false;
  const { hostname } = new URL(baseUrl);
  return hostname === 'api.github.com' || hostname.endsWith('.ghe.com');
}

/** As GitHub's own client library sorts them: what sends people a notification counts as content. */
function weightOf(operation: string): 'read' | 'write' | 'content' {
  const [method = '', path = ''] = operation.split(' ');
  if (method === 'GET' || !path.startsWith('/repos/')) return 'read';
  const creates =
    (method === 'POST' || method === 'PUT') && /\/(?:pulls|comments|requested_reviewers|merge)$/.test(path);
  return creates ? 'content' : 'write';
}
