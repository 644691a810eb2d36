/** Requests and how long they took, for Prometheus. Labels are routes, never addresses: they must stay few. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface ServedRequest {
  readonly method: string;
  /** The pattern of the route; `unmatched` where there is none. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

export class RequestMetrics {
  readonly #requests: Counter;
  readonly #durations: Histogram;
  readonly #sockets: Gauge;

  /** `service` is the beginning of every name, e.g. `kcloud_optimizer_api`. */
  constructor(registry: Registry, service: string) {
    const registers = [registry];
    this.#requests = new Counter({
      name: `${service}_requests_total`,
      help: 'Requests answered.',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#durations = new Histogram({
      name: `${service}_request_duration_seconds`,
      help: 'Time from the head of a request to the end of its answer.',
      labelNames: ['route'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
      registers,
    });
    this.#sockets = new Gauge({
      name: `${service}_websockets`,
      help: 'WebSocket connections that are open.',
      registers,
    });
  }

  served({ method, route, status, durationMs }: ServedRequest): void {
    this.#requests.inc({ method, route, status: String(status) });
    this.#durations.observe({ route }, durationMs / 1000);
  }

  sockets(open: number): void {
    this.#sockets.set(open);
  }
}
