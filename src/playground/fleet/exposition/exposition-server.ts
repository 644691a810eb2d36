/**
 * Serves what the fleet exposes over HTTP, for a real Prometheus, metrics-server client or a curious user:
 * `/nodes/<node>/metrics/cadvisor`, `/nodes/<node>/metrics/resource`, `/kube-state-metrics/metrics` and
 * `/apis/metrics.k8s.io/…`.
 */
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '#errors/kc-error.ts';
import { cadvisorText } from './cadvisor-metrics.ts';
import type { FleetView } from './fleet-view.ts';
import { kubeStateText } from './kube-state-metrics.ts';
import { TEXT_CONTENT_TYPE } from './metric-text.ts';
import { MetricsApi } from './metrics-api.ts';
import { metricsApiAnswer } from './metrics-api-answer.ts';
import { resourceText } from './resource-metrics.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const NODE_PATH = /^\/nodes\/([^/]+)\/metrics\/(cadvisor|resource)$/;

/** What a GET of the path is answered with. */
export function expositionAnswer(view: FleetView, pathAndQuery: string): HttpAnswer {
  const [path = ''] = pathAndQuery.split('?');
  const [, node, kind] = NODE_PATH.exec(path) ?? [];
  if (node !== undefined) {
    const name = decodeURIComponent(node);
    return metrics(kind === 'cadvisor' ? cadvisorText(view, name) : resourceText(view, name));
  }
  if (path === '/kube-state-metrics/metrics') return metrics(kubeStateText(view.context.access));
  const answer = metricsApiAnswer(new MetricsApi(view), pathAndQuery);
  if (answer === undefined) return { status: 404, contentType: 'text/plain', body: 'not found\n' };
  return { status: answer.status, contentType: 'application/json', body: JSON.stringify(answer.body) };
}

function metrics(body: string): HttpAnswer {
  return { status: 200, contentType: TEXT_CONTENT_TYPE, body };
}

export class ExpositionServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens on the loopback interface; port 0 takes a free one. */
  static async start(view: FleetView, port = 0): Promise<ExpositionServer> {
    const server = createServer((request, response) => {
      const answer = safely(() => expositionAnswer(view, request.url ?? '/'));
      response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return new ExpositionServer(server);
  }

  /** `127.0.0.1:<port>`, as scrape targets are written. */
  get address(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => { resolve(); })); // prettier-ignore
  }
}

function safely(answer: () => HttpAnswer): HttpAnswer {
  try {
    return answer();
  } catch (error) {
    return { status: 500, contentType: 'text/plain', body: `${messageOf(error)}\n` };
  }
}
