/** The prices that decisions are made with: base rates, and a list that is read again when it changes. */
import type { NodePriceList } from '#domain/cost/node-prices.ts';
import type { ResourcePrices } from '#domain/cost/resource-prices.ts';
import { MINUTE_MS } from '#domain/units/duration.ts';
import { messageOf } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import { parsePriceList } from './parse-price-list.ts';
import { PriceFile, type PriceSource, type PriceText } from './price-source.ts';

export interface LivePricesOptions {
  readonly base: ResourcePrices;
  /** None: base rates alone. */
  readonly source?: PriceSource | undefined;
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
  /** How often one looks whether it changed, at most. Default: 5 s for a file, an hour for an address. */
  readonly lookEveryMs?: number;
}

export interface PriceListStatus {
  readonly source: string;
  readonly entries: number;
  /** When the list in force was read; undefined before the first. */
  readonly readAtMs: number | undefined;
  /** Why the newest could not be read: the last good one is in force. */
  readonly problem: string | undefined;
}

const FILE_LOOK_MS = 5000;
const URL_LOOK_MS = 60 * MINUTE_MS;
/** While the newest cannot be read, one looks more often. */
const RETRY_MS = MINUTE_MS;

/**
 * Looking at `nodes` looks at the source, so that there is no timer to stop. A list that cannot be read leaves the last
 * good one in force, and is told once in the log.
 */
export class LivePrices {
  readonly base: ResourcePrices;
  readonly #options: LivePricesOptions;
  readonly #lookEveryMs: number;
  #list: NodePriceList = {};
  #mark: string | undefined;
  #readAtMs: number | undefined;
  #lookedAtMs = -Infinity;
  #problem: string | undefined;
  #looking: Promise<void> | undefined;

  private constructor(options: LivePricesOptions) {
    this.base = options.base;
    this.#options = options;
    this.#lookEveryMs =
      options.lookEveryMs ?? (options.source instanceof PriceFile ? FILE_LOOK_MS : URL_LOOK_MS);
  }

  /**
   * Reads a file at once, and throws KC_PRICES_INVALID or KC_PRICES_UNAVAILABLE where it cannot. An address is read by
   * `ready`, or at the first look.
   */
  static open(options: LivePricesOptions): LivePrices {
    const prices = new LivePrices(options);
    const { source } = options;
    if (source instanceof PriceFile) prices.#take(source.readNow(undefined));
    return prices;
  }

  /** USD per hour by key, of the newest good list. */
  get nodes(): NodePriceList {
    const { clock, source } = this.#options;
    const everyMs = this.#problem === undefined ? this.#lookEveryMs : Math.min(this.#lookEveryMs, RETRY_MS);
    if (source !== undefined && clock.now() - this.#lookedAtMs >= everyMs) this.#look(source);
    return this.#list;
  }

  get status(): PriceListStatus | undefined {
    const { source } = this.#options;
    if (source === undefined) return undefined;
    const entries = Object.keys(this.#list).length;
    return { source: source.name, entries, readAtMs: this.#readAtMs, problem: this.#problem };
  }

  /** Resolves when the list was read for the first time. Rejects where that is not possible. */
  async ready(): Promise<void> {
    const { source } = this.#options;
    if (source === undefined || this.#readAtMs !== undefined) return;
    this.#take(await source.read(undefined));
  }

  /** Reads the list again where it changed, now. Never rejects: what went wrong is in `status`. */
  async refresh(): Promise<void> {
    const { source } = this.#options;
    if (source === undefined) return;
    this.#lookedAtMs = this.#options.clock.now();
    try {
      this.#take(await source.read(this.#mark));
    } catch (error) {
      this.#fail(source, error);
    }
  }

  #look(source: PriceSource): void {
    this.#lookedAtMs = this.#options.clock.now();
    if (source instanceof PriceFile) {
      this.#lookNow(source);
      return;
    }
    this.#looking ??= this.refresh().finally(() => {
      this.#looking = undefined;
    });
  }

  #lookNow(file: PriceFile): void {
    try {
      this.#take(file.readNow(this.#mark));
    } catch (error) {
      this.#fail(file, error);
    }
  }

  #take(read: PriceText | undefined): void {
    const { source, logger, clock } = this.#options;
    this.#lookedAtMs = clock.now();
    if (read === undefined || source === undefined) {
      this.#problem = undefined;
      return;
    }
    const list = parsePriceList(read.text, source.name);
    const isNew = this.#readAtMs !== undefined;
    this.#list = list;
    this.#mark = read.mark;
    this.#readAtMs = clock.now();
    this.#problem = undefined;
    if (isNew)
      logger?.info('a new price list is in force', { list: source.name, entries: Object.keys(list).length });
  }

  #fail({ name }: PriceSource, error: unknown): void {
    const problem = messageOf(error);
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#options.logger?.warn('the price list cannot be read: the last good one stays in force', {
      list: name,
      problem,
    });
  }
}
