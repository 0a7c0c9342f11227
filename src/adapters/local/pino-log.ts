import { type DestinationStream, destination, pino, stdTimeFunctions } from 'pino';
import { plainText } from '../../domain/plain-text.ts';
import type { Log, LogFields } from '../../ports.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  /** Lines below it are left out. */
  readonly level: LogLevel;
  /** Where lines go; standard error unless said otherwise. */
  readonly to?: DestinationStream;
}

const MAX_TEXT = 500;
const MAX_LIST = 50;

/** Pino's own keys: a field of that name would stand twice in the line. */
const RESERVED: ReadonlySet<string> = new Set(['level', 'time', 'msg']);

/**
 * One JSON line per call: `level`, `time` (ISO 8601), the fields, `msg`. Every text is made safe and bounded here, whoever
 * wrote it; nothing is redacted, since nothing secret is ever handed to a log.
 */
export function createLog({ level, to }: LogOptions): Log {
  const logger = pino(
    { level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    to ?? destination({ dest: 2, sync: true }),
  );
  return {
    debug: (fields, message) => logger.debug(safeFields(fields), plainText(message, MAX_TEXT)),
    info: (fields, message) => logger.info(safeFields(fields), plainText(message, MAX_TEXT)),
    warn: (fields, message) => logger.warn(safeFields(fields), plainText(message, MAX_TEXT)),
    error: (fields, message) => logger.error(safeFields(fields), plainText(message, MAX_TEXT)),
  };
}

function safeFields(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      const name = plainText(key, 60);
      return [RESERVED.has(name) ? `${name}_` : name, safeValue(value)];
    }),
  );
}

function safeValue(value: LogFields[string]): LogFields[string] {
  if (typeof value === 'string') return plainText(value, MAX_TEXT);
  if (typeof value !== 'object' || value === null) return value;
  const shown = value.slice(0, MAX_LIST).map((text) => plainText(text, MAX_TEXT));
  return value.length > MAX_LIST ? [...shown, `… ${value.length - MAX_LIST} more`] : shown;
}
