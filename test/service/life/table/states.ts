import type { TableState } from './cell.ts';
import { APPROVED } from './states/approved.ts';
import { CLOSED_BY_BOT } from './states/closed-by-bot.ts';
import { CLOSED_BY_BOT_TWICE } from './states/closed-by-bot-twice.ts';
import { CLOSED_BY_PERSON } from './states/closed-by-person.ts';
import { MERGED } from './states/merged.ts';
import { NOTHING_PROPOSED } from './states/nothing-proposed.ts';
import { OPEN } from './states/open.ts';
import { QUEUED } from './states/queued.ts';
import { SHARED } from './states/shared.ts';
import { TAKEN_BACK } from './states/taken-back.ts';
import { WAITING } from './states/waiting.ts';

/** Every state, in the order of the page. */
export const STATES: readonly TableState[] = [
  NOTHING_PROPOSED,
  OPEN,
  APPROVED,
  SHARED,
  QUEUED,
  WAITING,
  CLOSED_BY_PERSON,
  CLOSED_BY_BOT,
  CLOSED_BY_BOT_TWICE,
  MERGED,
  TAKEN_BACK,
];
