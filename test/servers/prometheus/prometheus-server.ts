/** A real Prometheus as a child process, with a data folder of its own. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../../testenv/processes/eventually.ts';
import { freePort } from '../../testenv/processes/ports.ts';
import { removeAtExit } from '../../testenv/processes/reaper.ts';
import { ServerProcess } from '../../testenv/processes/server-process.ts';
import { recordRealComponent } from '../../testenv/real-components.ts';
import { ensurePrometheus } from './binaries.ts';

const run = promisify(execFile);

export interface PrometheusOptions {
  /** Files in OpenMetrics text to be there from the beginning; see writeOpenMetrics. Each is read before the next is asked for. */
  readonly history?: Iterable<string>;
  /** Scrape configuration, as in the file: a list of jobs. JSON is YAML. */
  readonly scrapeConfigs?: readonly unknown[];
  readonly scrapeIntervalSeconds?: number;
  /** Folder of its database, which outlives the server; one of its own where absent. */
  readonly data?: string;
  readonly flags?: readonly string[];
  /** The address to listen on; loopback by default. */
  readonly host?: string;
}

export class PrometheusServer {
  /** `http://<host>:<port>` */
  readonly url: string;
  readonly folder: string;
  readonly #process: ServerProcess;

  private constructor(folder: string, url: string, process: ServerProcess) {
    this.folder = folder;
    this.url = url;
    this.#process = process;
  }

  /** Backfills, starts and resolves when it is ready to answer. */
  static async start(options: PrometheusOptions = {}): Promise<PrometheusServer> {
    const binaries = await ensurePrometheus();
    const folder = mkdtempSync(join(tmpdir(), 'kcloud-prometheus-'));
    removeAtExit(folder);
    const data = options.data ?? join(folder, 'data');
    mkdirSync(data, { recursive: true });
    for (const file of options.history ?? []) {
      await run(binaries.promtool, ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, data]);
    }
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(configuration(options)));
    const listen = `${options.host ?? '127.0.0.1'}:${String(await freePort())}`;
    const child = ServerProcess.start({
      name: 'prometheus',
      command: binaries.prometheus,
      args: [...flags(data, listen), ...(options.flags ?? [])],
      directory: folder,
    });
    const server = new PrometheusServer(folder, `http://${listen}`, child);
    await server.#untilReady();
    recordRealComponent(`prometheus ${await server.#version()}`);
    return server;
  }

  async #untilReady(): Promise<void> {
    await eventually('Prometheus to be ready', async () => (await fetch(`${this.url}/-/ready`)).ok, {
      hopeless: () => (this.#process.running ? undefined : 'it has ended'),
      evidence: () => this.#process.tail(),
    });
  }

  async #version(): Promise<string> {
    const answer = await fetch(`${this.url}/api/v1/status/buildinfo`);
    const body = (await answer.json()) as { readonly data?: { readonly version?: string } };
    return body.data?.version ?? '';
  }

  /** Connections stay open and nothing answers. */
  pause(): void {
    this.#process.pause();
  }

  resume(): void {
    this.#process.resume();
  }

  async stop(): Promise<void> {
    await this.#process.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function flags(data: string, listen: string): readonly string[] {
  return [
    '--config.file=prometheus.yml',
    `--storage.tsdb.path=${data}`,
    // Scenarios lie at fixed times in the past.
    '--storage.tsdb.retention.time=100y',
    `--web.listen-address=${listen}`,
    '--log.level=warn',
  ];
}

function configuration(options: PrometheusOptions): unknown {
  const interval = `${String(options.scrapeIntervalSeconds ?? 1)}s`;
  return {
    global: { scrape_interval: interval, scrape_timeout: interval },
    scrape_configs: options.scrapeConfigs ?? [],
  };
}
