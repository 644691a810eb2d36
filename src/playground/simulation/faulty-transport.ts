/** A network and an API server that fail by plan. Everything random comes from one generator, in order. */
import { type Clock, abortReason, sleep } from '#platform/clock.ts';
import { type Random, hashText } from '#platform/random.ts';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import { faultAnswer, unreachable } from './fault-answers.ts';
import {
  type AnswerFault,
  type FaultPlan,
  type OutageFault,
  type WatchFaults,
  faultMethods,
  inWindow,
} from './fault-plan.ts';
import { FaultyWatch } from './faulty-watch.ts';
import type { SimTrace } from './sim-trace.ts';

export interface FaultyTransportOptions {
  readonly inner: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly plan: FaultPlan;
  /** Gets a line for each request and each fault. */
  readonly trace?: SimTrace;
  /** Who is speaking, for the trace. */
  readonly source?: string;
}

/** Hands requests on to another transport, except where the plan says otherwise. */
export class FaultyTransport implements Transport {
  readonly #options: FaultyTransportOptions;
  readonly #startMs: number;

  constructor(options: FaultyTransportOptions) {
    this.#options = options;
    this.#startMs = options.clock.now();
  }

  async send(request: WireRequest): Promise<WireResponse> {
    const response = await this.#sendWithFaults(request);
    this.#note(`${request.method} ${request.path} ${bodyMark(request)} -> ${response.status}`);
    return response;
  }

  async #sendWithFaults(request: WireRequest): Promise<WireResponse> {
    await this.#suffer(request);
    const slowMs = this.#slowMs(request);
    const beforeMs = slowMs > 0 && this.#options.random.next() < 0.5 ? slowMs : 0;
    if (beforeMs > 0) await this.#wait(request, beforeMs);
    const fault = this.#options.plan.answers?.find((candidate) => this.#hits(candidate, request));
    if (fault !== undefined && fault.tookEffect !== true) return this.#refuse(fault, request);
    if (request.stream === true) return this.#openWatch(request);
    const response = await this.#exchange(request, slowMs - beforeMs);
    return fault === undefined ? response : this.#refuse(fault, request);
  }

  /** The request reaches the server; its answer may come late or not at all. */
  async #exchange(request: WireRequest, delayMs: number): Promise<WireResponse> {
    const response = await this.#options.inner.send(request);
    if (delayMs > 0) await this.#wait(request, delayMs);
    if (!this.#strikes(this.#options.plan.lostAnswers)) return response;
    this.#note(`${request.method} ${request.path} loses its answer`);
    throw unreachable(request, 'the connection broke before the answer');
  }

  /** Fails the request where an outage lies over it. */
  async #suffer(request: WireRequest): Promise<void> {
    const outage = this.#options.plan.outages?.find((candidate) => inWindow(candidate, this.#elapsedMs()));
    if (outage === undefined) return;
    this.#note(`${request.method} ${request.path} meets an outage`);
    if (outage.mode === 'hanging') await this.#wait(request, outage.untilMs - this.#elapsedMs());
    throw unreachable(request, 'connection refused');
  }

  #slowMs(request: WireRequest): number {
    const { slow } = this.#options.plan;
    if (slow === undefined || request.stream === true || !this.#strikes(slow)) return 0;
    return Math.ceil(slow.minMs + this.#options.random.next() * (slow.maxMs - slow.minMs));
  }

  /** Waits, no longer than the request's own timeout allows. */
  async #wait(request: WireRequest, ms: number): Promise<void> {
    const limitMs = request.timeoutMs ?? Infinity;
    await sleep(this.#options.clock, Math.min(ms, limitMs), request.signal);
    if (ms >= limitMs) throw unreachable(request, `no answer within ${limitMs} ms`);
  }

  #hits(fault: AnswerFault, request: WireRequest): boolean {
    return faultMethods(fault).includes(request.method) && this.#strikes(fault);
  }

  #strikes(fault: AnswerFault | FaultPlan['slow'] | FaultPlan['lostAnswers']): boolean {
    if (fault === undefined || !inWindow(fault, this.#elapsedMs())) return false;
    return this.#options.random.next() < fault.share;
  }

  #refuse(fault: AnswerFault, request: WireRequest): WireResponse {
    this.#note(`${request.method} ${request.path} gets ${fault.status}`);
    return faultAnswer(fault);
  }

  async #openWatch(request: WireRequest): Promise<WireResponse> {
    const faults = this.#options.plan.watches ?? {};
    if (this.#isExpired(request, faults)) return this.#refuse({ status: 410, share: 1 }, request);
    const controller = new AbortController();
    const onAbort = (): void => { controller.abort(abortReason(request.signal)); }; // prettier-ignore
    request.signal?.addEventListener('abort', onAbort, { once: true });
    const response = await this.#options.inner.send({ ...request, signal: controller.signal });
    if (response.status >= 400) return response;
    return { ...response, chunks: () => this.#chunks({ request, response, faults, controller }) };
  }

  #isExpired(request: WireRequest, faults: WatchFaults): boolean {
    if (faults.expired === undefined || !inWindow(faults, this.#elapsedMs())) return false;
    return /[?&]resourceVersion=[^&]/.test(request.path) && this.#options.random.next() < faults.expired;
  }

  #chunks(stream: OpenStream): AsyncIterable<string> {
    const { clock, random } = this.#options;
    const { request, response, faults, controller } = stream;
    const outageTimers = (this.#options.plan.outages ?? [])
      .filter((outage) => outage.fromMs >= this.#elapsedMs())
      .map((outage) => clock.after(this.#untilStartMs(outage), () => { watch.break('outage'); })); // prettier-ignore
    const watch = new FaultyWatch({
      clock,
      random,
      faults,
      active: () => inWindow(faults, this.#elapsedMs()),
      note: (text) => { this.#note(`${request.path} ${text}`); }, // prettier-ignore
      abort: () => {
        for (const timer of outageTimers) timer.cancel();
        controller.abort(new Error('the watch has ended'));
      },
      broken: () => unreachable(request, 'the connection broke'),
    });
    void watch.pump(response.chunks());
    return watch.channel;
  }

  #untilStartMs(outage: OutageFault): number {
    return outage.fromMs - this.#elapsedMs();
  }

  #elapsedMs(): number {
    return this.#options.clock.now() - this.#startMs;
  }

  #note(text: string): void {
    this.#options.trace?.record(this.#options.source ?? 'wire', text);
  }
}

interface OpenStream {
  readonly request: WireRequest;
  readonly response: WireResponse;
  readonly faults: WatchFaults;
  readonly controller: AbortController;
}

function bodyMark(request: WireRequest): string {
  return request.body === undefined ? '-' : hashText(request.body).toString(16);
}
