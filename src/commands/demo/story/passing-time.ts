/** Virtual time that passes before the eyes: events as lines as they occur, clock and money below them. */
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { EVENTS } from '#kube/client/builtin-types.ts';
import { condensed, progressBar, sparkline } from '../../terminal/sparkline.ts';
import type { DemoWorld } from '../demo-world.ts';
import { type News, Newsfeed } from './newsfeed.ts';
import type { Stage } from './stage.ts';
import { clockText, dollars, newsLine, perMonth } from './telling.ts';

const SPARK_COLUMNS = 30;
const BAR_COLUMNS = 24;
const MOST_KEPT = 5000;

export interface Passage {
  readonly forMs: number;
  /** How often one looks. */
  readonly stepMs: number;
  /** Ends the passage early. */
  readonly until?: () => boolean;
  /** Real time per look, where somebody watches. */
  readonly paceMs?: number;
  /** What is told; everything where absent. */
  readonly tells?: (news: News) => boolean;
}

export class PassingTime {
  readonly #demo: DemoWorld;
  readonly #stage: Stage;
  readonly #feed: Newsfeed;
  readonly #money: number[] = [];
  readonly #news: News[] = [];
  #told: { readonly hour: number; readonly usdPerHour: number };

  constructor(demo: DemoWorld, stage: Stage) {
    this.#demo = demo;
    this.#stage = stage;
    this.#feed = new Newsfeed(() => demo.cluster.stored(EVENTS));
    const { usdPerHour } = demo.money();
    this.#told = { hour: Math.floor(demo.nowMs / HOUR_MS), usdPerHour };
    this.#money.push(usdPerHour);
  }

  /** Reserved USD per hour, one for each look, oldest first. */
  get money(): readonly number[] {
    return this.#money;
  }

  /** Everything that was told, oldest first. */
  get news(): readonly News[] {
    return this.#news;
  }

  /** Lets time pass; false where `until` was given and did not come about. */
  async pass({ forMs, stepMs, until, paceMs = 0, tells = () => true }: Passage): Promise<boolean> {
    const startMs = this.#demo.nowMs;
    const endMs = startMs + forMs;
    while (this.#demo.nowMs < endMs) {
      if (until?.() === true) return true;
      const latest = await this.advance(Math.min(stepMs, endMs - this.#demo.nowMs));
      for (const news of latest.filter(tells)) this.#stage.say(newsLine(news, this.#stage));
      this.#tellMoney();
      this.#show((this.#demo.nowMs - startMs) / forMs);
      await this.#stage.pause(paceMs);
    }
    return until === undefined || until();
  }

  /** Lets time pass without a word; returns what happened. */
  async advance(ms: number): Promise<readonly News[]> {
    await this.#demo.run(ms);
    const latest = this.#feed.latest();
    this.#news.push(...latest);
    this.#money.push(this.#demo.money().usdPerHour);
    // Whoever watches for days needs no more than a screen full.
    this.#news.splice(0, this.#news.length - MOST_KEPT);
    this.#money.splice(0, this.#money.length - MOST_KEPT);
    return latest;
  }

  /** Once an hour, where it has changed. */
  #tellMoney(): void {
    const hour = Math.floor(this.#demo.nowMs / HOUR_MS);
    const usdPerHour = this.#money.at(-1) ?? NaN;
    if (hour === this.#told.hour || usdPerHour === this.#told.usdPerHour) return;
    this.#told = { hour, usdPerHour };
    const text = `the cluster reserves ${dollars(usdPerHour, 2)}/h, ${dollars(perMonth(usdPerHour))}/month`;
    this.#stage.say(this.#stage.style('dim', `${clockText(this.#demo.nowMs)}  ${text}`));
  }

  #show(share: number): void {
    this.#stage.progress(() => {
      const usdPerHour = this.#money.at(-1) ?? NaN;
      const money = `${dollars(usdPerHour, 2)}/h reserved = ${dollars(perMonth(usdPerHour))}/month`;
      const past = sparkline(condensed(this.#money, SPARK_COLUMNS), SPARK_COLUMNS);
      return [clockText(this.#demo.nowMs), progressBar(share, BAR_COLUMNS), money, past].join('  ');
    });
  }
}

/** How often one looks while nothing is expected. */
export const CALM_STEP_MS = 10 * MINUTE_MS;
