/** Timestamps of tables, with an offset or in the local time of a zone. */
import { KcError } from '#errors/kc-error.ts';
import { HOUR_MS } from '../units/duration.ts';

const LOCAL = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?$/;

/**
 * Reads timestamps in the order of a table. One with `Z` or an offset is absolute. One without is local time of the
 * zone: in autumn an hour comes twice, and the second time it is read as the later one; in spring an hour does not
 * exist, and is refused.
 */
export class TimestampReader {
  readonly #zone: Intl.DateTimeFormat;
  readonly #isUtc: boolean;
  #lastMs = -Infinity;

  /** `timeZone` is an IANA name such as `Asia/Seoul`. Throws KC_CONFIG_INVALID for an unknown one. */
  constructor(timeZone: string) {
    this.#isUtc = timeZone === 'UTC';
    try {
      this.#zone = new Intl.DateTimeFormat('en-CA', {
        timeZone,
        hourCycle: 'h23',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      });
    } catch (error) {
      const problem = `"${timeZone}" is not an IANA time zone such as Asia/Seoul`;
      throw new KcError('KC_CONFIG_INVALID', { field: 'timeZone', problem, cause: error });
    }
  }

  /** Milliseconds since 1970, or undefined where the text is no time, or none that ever was in the zone. */
  read(text: string): number | undefined {
    const trimmed = text.trim();
    const local = LOCAL.exec(trimmed);
    const ms = local === null ? absolute(trimmed) : this.#fromLocal(local);
    if (ms !== undefined) this.#lastMs = ms;
    return ms;
  }

  #fromLocal([, year, month, day, hour = '0', minute = '0', second = '0']: RegExpExecArray):
    number | undefined {
    const wall = Date.UTC(
      Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second),
    ); // prettier-ignore
    const read = new Date(wall);
    const rolledOver = read.getUTCMonth() + 1 !== Number(month) || read.getUTCDate() !== Number(day);
    if (rolledOver) return undefined;
    if (this.#isUtc) return wall;
    // Every offset in force within a day of this time; two where clocks change.
    const offsets = new Set([wall - 24 * HOUR_MS, wall + 24 * HOUR_MS].map((ms) => this.#wallOf(ms) - ms));
    const candidates = [...offsets].map((offset) => wall - offset).filter((ms) => this.#wallOf(ms) === wall);
    const [first, later] = candidates.sort((a, b) => a - b);
    return first !== undefined && first <= this.#lastMs ? (later ?? first) : first;
  }

  /** What clocks of the zone show at a moment, as if it were UTC. */
  #wallOf(ms: number): number {
    const parts = Object.fromEntries(
      this.#zone.formatToParts(ms).map(({ type, value }) => [type, Number(value)]),
    );
    const part = (name: string): number => parts[name] ?? 0;
    return Date.UTC(
      part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'),
    ); // prettier-ignore
  }
}

function absolute(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}[T ].*(Z|[+-]\d{2}:?\d{2})$/.test(text)) return undefined;
  const ms = Date.parse(text.replace(' ', 'T').replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(ms) ? undefined : ms;
}
