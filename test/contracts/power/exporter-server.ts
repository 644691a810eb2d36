/** An exporter whose counters run on since long before the test. */
import { type Server, createServer } from 'node:http';
import { freePort } from '../../testenv/processes/ports.ts';
import { type Family, expositionText } from './exposition.ts';

/** What is exposed when so many seconds have passed. */
export type Exposition = (seconds: number) => readonly Family[];

/** Counters have been running: rates must not depend on where they began. */
const LONG_AGO_SECONDS = 1000;

export class ExporterServer {
  /** `127.0.0.1:<port>` */
  readonly target: string;
  readonly #server: Server;
  #firstMs: number | undefined;
  #scrapes = 0;

  private constructor(target: string, server: Server) {
    this.target = target;
    this.#server = server;
  }

  static async start(exposition: Exposition): Promise<ExporterServer> {
    const port = await freePort();
    const server = createServer();
    const exporter = new ExporterServer(`127.0.0.1:${String(port)}`, server);
    server.on('request', (_request, response) => {
      const text = expositionText(exposition(exporter.#seconds()));
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return exporter;
  }

  get scrapes(): number {
    return this.#scrapes;
  }

  /**
   * Whole seconds since the first scrape. Scrapes come every second and their samples are stamped so; that an answer is
   * late by less than half a second on a busy machine does not show.
   */
  #seconds(): number {
    this.#scrapes += 1;
    this.#firstMs ??= performance.now();
    return LONG_AGO_SECONDS + Math.round((performance.now() - this.#firstMs) / 1000);
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
