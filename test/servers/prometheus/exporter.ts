/** A tiny exporter for tests: serves whatever it is told to at the moment of a scrape. */
import { type Server, createServer } from 'node:http';
import { freePort } from '../../testenv/processes/ports.ts';
import { labelText, valueText } from './open-metrics.ts';

export interface Exposed {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** With a time of its own, as cAdvisor exposes; else the time of the scrape. */
  readonly atMs?: number;
}

export class Exporter {
  /** `127.0.0.1:<port>`, as scrape targets are written. */
  readonly target: string;
  /** Called at each scrape. Throwing makes the scrape fail. */
  expose: () => readonly Exposed[] = () => [];
  readonly #server: Server;
  #scrapes = 0;

  private constructor(target: string, server: Server) {
    this.target = target;
    this.#server = server;
  }

  static async start(): Promise<Exporter> {
    const port = await freePort();
    const server = createServer();
    const exporter = new Exporter(`127.0.0.1:${String(port)}`, server);
    server.on('request', (_request, response) => {
      exporter.#scrapes += 1;
      try {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(exporter.#text());
      } catch {
        response.writeHead(500).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return exporter;
  }

  get scrapes(): number {
    return this.#scrapes;
  }

  #text(): string {
    const lines = this.expose().map(({ name, labels, value, atMs }) => {
      const time = atMs === undefined ? '' : ` ${String(Math.round(atMs))}`;
      return `${name}${labelText(labels)} ${valueText(value)}${time}\n`;
    });
    return lines.join('');
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}
