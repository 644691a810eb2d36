/** Structured logs: the interface that the product uses, and pino behind it. */
import { pino } from 'pino';

/** Key-value pairs of a log line. Never put a secret or a whole object in one. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each of its lines. */
  with(fields: LogFields): Logger;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

interface LevelledSink {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): LevelledSink;
}

/** JSON lines on `destination` (default: standard error, which leaves standard output to results). */
export function createLogger(level: LogLevel, destination = 2): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime } as const;
  return wrap(pino(options, pino.destination({ dest: destination, sync: true })));
}

function wrap(sink: LevelledSink): Logger {
  return {
    debug: (message, fields = {}) => { sink.debug(fields, message); },
    info: (message, fields = {}) => { sink.info(fields, message); },
    warn: (message, fields = {}) => { sink.warn(fields, message); },
    error: (message, fields = {}) => { sink.error(fields, message); },
    with: (fields) => wrap(sink.child(fields)),
  }; // prettier-ignore
}

/** A logger that says nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLogger,
};
