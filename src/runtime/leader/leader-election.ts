/**
 * Leader election on a Lease: of all replicas, one acts.
 *
 * Safety. A leader may act for `renewDeadlineMs` after it *sent* its last successful renewal. Another replica takes the
 * lease only after it has watched the record stand unchanged for the whole `leaseDurationMs`, counted by a timer of its
 * own from when it *received* the record. No clock is compared with another machine's, so skew does no harm; clocks
 * may run at different speeds by a factor of leaseDuration / renewDeadline. The difference of the two is the time
 * that a write sent in the last moment has to arrive.
 *
 * Liveness. A leader that stops hands the lease over and the next takes it within `retryPeriodMs`; a leader that
 * dies is replaced after `leaseDurationMs`.
 */
import type { Lease } from '#apis/kubernetes/builtin.ts';
import { messageOf } from '#errors/kc-error.ts';
import { isAlreadyExists, isConflict, isNotFound } from '#kube/client/api-error.ts';
import { LEASES } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { type Clock, type Timer, sleep } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import { claimed, durationMsOf, holderOf, released } from './lease-record.ts';
import { Term } from './term.ts';

export interface LeaderElectionOptions {
  /** Must not be fenced: the lease itself is written before leadership is had. */
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly namespace: string;
  readonly name: string;
  /** Names this process and no other, ever: pod name and a random part. */
  readonly identity: string;
  /** Default 15 s. */
  readonly leaseDurationMs?: number;
  /** Default two thirds of the lease duration; must be shorter than it. */
  readonly renewDeadlineMs?: number;
  /** Default 2 s. */
  readonly retryPeriodMs?: number;
}

const DEFAULT_LEASE_MS = 15_000;
const DEFAULT_RETRY_MS = 2000;
/** Candidates that woke together shall not stay together. */
const JITTER = 0.2;

export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #leaseMs: number;
  readonly #validMs: number;
  readonly #retryMs: number;
  #seen: Lease | undefined;
  #expired = false;
  #expiry: Timer | undefined;
  #term: Term | undefined;
  #renewing: Promise<void> = Promise.resolve();

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseDurationMs ?? DEFAULT_LEASE_MS;
    this.#validMs = options.renewDeadlineMs ?? (this.#leaseMs * 2) / 3;
    this.#retryMs = options.retryPeriodMs ?? DEFAULT_RETRY_MS;
    if (this.#validMs >= this.#leaseMs || this.#retryMs >= this.#validMs) {
      throw new RangeError('leader election needs retryPeriod < renewDeadline < leaseDuration');
    }
  }

  /** Who holds the lease as far as we know; empty where nobody does. */
  get holder(): string {
    return this.#seen === undefined ? '' : holderOf(this.#seen);
  }

  /** Waits until this process is the leader. Undefined where `stop` is aborted first. */
  async campaign(stop: AbortSignal): Promise<Term | undefined> {
    const { clock, logger } = this.#options;
    while (!stop.aborted) {
      const term = await this.#tryToLead().catch((error: unknown) => {
        logger.warn('could not try for leadership', { error: messageOf(error) });
        return undefined;
      });
      if (term !== undefined) return this.#begin(term);
      await sleep(clock, this.#pauseMs(), stop).catch(() => undefined);
    }
    this.#expiry?.cancel();
    return undefined;
  }

  /** Gives the lease up, so that another can take it at once. Call when nothing acts any more. Never rejects. */
  async release(): Promise<void> {
    const { client, clock, logger, identity } = this.#options;
    const held = this.#term?.holds === true;
    this.#term?.end('released');
    this.#expiry?.cancel();
    await this.#renewing;
    if (!held || this.#seen === undefined || this.holder !== identity) return;
    try {
      await client.update(LEASES, released(this.#seen, clock.now()), { timeoutMs: this.#callMs });
      logger.info('leadership handed over');
    } catch (error) {
      logger.warn('could not hand leadership over; it will expire', { error: messageOf(error) });
    }
  }

  get #callMs(): number {
    return this.#validMs / 2;
  }

  #pauseMs(): number {
    return this.#retryMs * (1 + JITTER * this.#options.random.next());
  }

  #begin(term: Term): Term {
    this.#options.logger.info('became leader', { lease: this.#options.name });
    this.#term = term;
    this.#renewing = this.#keepRenewing(term);
    return term;
  }

  /** Looks at the lease and takes it where it is free. */
  async #tryToLead(): Promise<Term | undefined> {
    const { client, namespace, name, identity } = this.#options;
    const lease = await client.find(LEASES, { namespace, name }, { timeoutMs: this.#callMs });
    if (lease !== undefined) this.#watchOver(lease);
    // Where the lease was deleted under its holder, the holder may still act until its time has run out.
    const free = this.holder === '' || this.holder === identity || this.#expired;
    if (!free) return undefined;
    const term = new Term(this.#options.clock);
    return (await this.#claim(lease, term)) ? term : undefined;
  }

  /** Counts how long the record has stood as it stands. */
  #watchOver(lease: Lease): void {
    const unchanged = this.#seen?.metadata?.resourceVersion === lease.metadata?.resourceVersion;
    if (unchanged) return;
    this.#seen = lease;
    this.#expired = false;
    this.#expiry?.cancel();
    this.#expiry = this.#options.clock.after(durationMsOf(lease) || this.#leaseMs, () => {
      this.#expired = true;
    });
  }

  /** Writes our name; false where somebody else was faster. */
  async #claim(lease: Lease | undefined, term: Term): Promise<boolean> {
    const { client, clock, namespace, name, identity } = this.#options;
    const sentAtMs = clock.now();
    const record = claimed({ namespace, name, identity, leaseDurationMs: this.#leaseMs }, lease, sentAtMs);
    const options = { timeoutMs: this.#callMs };
    try {
      const write =
        lease === undefined ? client.create(LEASES, record, options) : client.update(LEASES, record, options);
      this.#seen = await write;
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error) || isNotFound(error)) return false;
      throw error;
    }
    this.#expired = false;
    this.#expiry?.cancel();
    term.prolong(sentAtMs, this.#validMs);
    return true;
  }

  async #keepRenewing(term: Term): Promise<void> {
    const { clock, logger } = this.#options;
    while (!term.lost.aborted) {
      await sleep(clock, this.#pauseMs(), term.lost).catch(() => undefined);
      if (isOver(term)) break;
      try {
        await this.#renew(term);
      } catch (error) {
        logger.warn('could not renew leadership', { error: messageOf(error) });
      }
    }
    logger.info('leadership has ended', { reason: messageOf(term.lost.reason) });
  }

  async #renew(term: Term): Promise<void> {
    const { client, namespace, name, identity } = this.#options;
    if (await this.#claim(this.#seen, term)) return;
    // The record is not what we wrote last: an answer of ours was lost, or somebody else has taken it.
    const lease = await client.find(LEASES, { namespace, name }, { timeoutMs: this.#callMs });
    if (lease === undefined || holderOf(lease) === identity) await this.#claim(lease, term);
    else term.end(`${holderOf(lease)} has taken the lease`);
  }
}

/** A call, so that the compiler does not take an earlier answer for granted. */
function isOver(term: Term): boolean {
  return term.lost.aborted;
}
