/** A real InfluxDB as a child process, with a data folder of its own that outlives a crash of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../testenv/processes/eventually.ts';
import { freePort } from '../../testenv/processes/ports.ts';
import { removeAtExit } from '../../testenv/processes/reaper.ts';
import { ServerProcess } from '../../testenv/processes/server-process.ts';
import { recordRealComponent } from '../../testenv/real-components.ts';
import { ensureInfluxd } from './binaries.ts';

/** The values of one column or more, by row. */
export type Rows = readonly Readonly<Record<string, string | number | null>>[];

export class InfluxdbServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly #folder: string;
  readonly #spawn: () => ServerProcess;
  #process: ServerProcess;

  private constructor(folder: string, url: string, spawn: () => ServerProcess) {
    this.#folder = folder;
    this.url = url;
    this.#spawn = spawn;
    this.#process = spawn();
  }

  static async start(): Promise<InfluxdbServer> {
    const command = await ensureInfluxd();
    const folder = mkdtempSync(join(tmpdir(), 'kcloud-influxdb-'));
    removeAtExit(folder);
    const address = `127.0.0.1:${String(await freePort())}`;
    const config = join(folder, 'influxdb.conf');
    writeFileSync(config, configuration(folder, address, `127.0.0.1:${String(await freePort())}`));
    const args = ['run', '-config', config];
    const server = new InfluxdbServer(folder, `http://${address}`, () =>
      ServerProcess.start({ name: 'influxdb', command, args, directory: folder }),
    );
    await server.#untilReady();
    const ping = await fetch(`${server.url}/ping`);
    recordRealComponent(`influxdb ${ping.headers.get('x-influxdb-version') ?? ''}`);
    return server;
  }

  async #untilReady(): Promise<void> {
    await eventually('InfluxDB to answer', async () => (await fetch(`${this.url}/ping`)).ok, {
      hopeless: () => (this.#process.running ? undefined : 'it has ended'),
      evidence: () => this.#process.tail(),
    });
  }

  /** Creates the database that a bucket of this name writes into. */
  async createBucket(name: string): Promise<void> {
    await this.query(`CREATE DATABASE "${name}"`);
  }

  /** InfluxQL; times come back in milliseconds. */
  async query(influxql: string, database = ''): Promise<Rows> {
    const body = new URLSearchParams({ q: influxql, db: database, epoch: 'ms' });
    const answer = await fetch(`${this.url}/query`, { method: 'POST', body });
    const { results } = (await answer.json()) as QueryAnswer;
    if (results[0]?.error !== undefined) throw new Error(results[0].error);
    return (results[0]?.series ?? []).flatMap(({ columns, values }) =>
      values.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]))),
    );
  }

  /** Connections stay open and nothing answers. */
  pause(): void {
    this.#process.pause();
  }

  resume(): void {
    this.#process.resume();
  }

  /** As a crash would. What it had confirmed is on its disk. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** Starts it again at the same port with what it held. */
  async restart(): Promise<void> {
    await this.#process.kill();
    this.#process = this.#spawn();
    await this.#untilReady();
  }

  async stop(): Promise<void> {
    await this.#process.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

interface QueryAnswer {
  readonly results: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly columns: readonly string[];
      readonly values: readonly (readonly (string | number | null)[])[];
    }[];
  }[];
}

function configuration(folder: string, address: string, rpcAddress: string): string {
  return [
    'reporting-disabled = true',
    `bind-address = "${rpcAddress}"`,
    '[meta]',
    `dir = "${join(folder, 'meta')}"`,
    '[data]',
    `dir = "${join(folder, 'data')}"`,
    `wal-dir = "${join(folder, 'wal')}"`,
    '[monitor]',
    'store-enabled = false',
    '[http]',
    `bind-address = "${address}"`,
    '',
  ].join('\n');
}
