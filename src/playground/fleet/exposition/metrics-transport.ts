/** A transport that answers for metrics.k8s.io itself, as the API aggregator hands such requests on. */
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import type { FleetView } from './fleet-view.ts';
import { MetricsApi } from './metrics-api.ts';
import { metricsApiAnswer } from './metrics-api-answer.ts';

export class MetricsTransport implements Transport {
  readonly #inner: Transport;
  readonly #api: MetricsApi;

  constructor(inner: Transport, view: FleetView) {
    this.#inner = inner;
    this.#api = new MetricsApi(view);
  }

  async send(request: WireRequest): Promise<WireResponse> {
    const answer = request.method === 'GET' ? metricsApiAnswer(this.#api, request.path) : undefined;
    if (answer === undefined) return this.#inner.send(request);
    const body = JSON.stringify(answer.body);
    return Promise.resolve({
      status: answer.status,
      headers: { 'content-type': 'application/json' },
      text: () => Promise.resolve(body),
      chunks: async function* () {
        yield await Promise.resolve(body);
      },
    });
  }
}
