/** Lets writes through only while this process is surely the leader. Reads always pass. */
import { KcError } from '#errors/kc-error.ts';
import { LinkedAbort } from '#kube/transport/linked-abort.ts';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import type { Term } from './term.ts';

export class FencedTransport implements Transport {
  readonly #inner: Transport;
  readonly #term: () => Term | undefined;

  /** `term` tells the term that is running, if any. */
  constructor(inner: Transport, term: () => Term | undefined) {
    this.#inner = inner;
    this.#term = term;
  }

  async send(request: WireRequest): Promise<WireResponse> {
    if (request.method === 'GET') return this.#inner.send(request);
    const term = this.#term();
    if (term?.holds !== true) {
      throw new KcError('KC_NOT_LEADER', {
        object: `${request.method} ${request.path}`,
        problem: 'not sent',
      });
    }
    const abort = new LinkedAbort(request.signal, term.lost);
    try {
      return await this.#inner.send({ ...request, signal: abort.signal });
    } finally {
      abort.release();
    }
  }
}
