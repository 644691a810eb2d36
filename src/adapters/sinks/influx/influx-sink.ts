/** Samples as points of an InfluxDB: `POST /api/v2/write` with the line protocol. */
import { isKcError, KcError, messageOf } from '#errors/kc-error.ts';
import type { Transport, WireResponse } from '#kube/transport/transport.ts';
import type { SampleBatch } from '../sample-batch.ts';
import type { Sink } from '../sink.ts';
import { lineProtocol } from './line-protocol.ts';

export interface InfluxOptions {
  /** The address without its path and without secrets, for people. */
  readonly address: string;
  readonly transport: Transport;
  /** What stands before `/api/v2/write`. */
  readonly pathPrefix: string;
  readonly bucket: string;
  readonly org: string;
  readonly token: string | undefined;
  /** Measurements begin with it. */
  readonly prefix: string;
  readonly timeoutMs: number;
}

const TOO_LARGE = 413;
/** The text or the values are wrong: 400 (1.8, 2.x) and 422 (2.x); sent again they would be as wrong. */
const REFUSALS = [400, 422];

export class InfluxSink implements Sink {
  readonly name = 'influxdb';
  readonly #options: InfluxOptions;

  constructor(options: InfluxOptions) {
    this.#options = options;
  }

  get address(): string {
    return this.#options.address;
  }

  async write(batch: SampleBatch, signal?: AbortSignal): Promise<void> {
    const body = lineProtocol(batch, this.#options.prefix);
    if (body === '') return;
    const answer = await this.#post(body, signal);
    if (answer.status >= 200 && answer.status < 300) return;
    const text = (await answer.text()).slice(0, 300);
    if (answer.status === TOO_LARGE && batch.samples.length > 1) return this.#inHalves(batch, signal);
    const code = REFUSALS.includes(answer.status) ? 'KC_SINK_REFUSED' : 'KC_SINK_UNAVAILABLE';
    throw this.#error(code, `it answered ${String(answer.status)}: ${text}`);
  }

  /** Points that arrive twice overwrite themselves, so a half may be repeated. */
  async #inHalves({ atMs, samples }: SampleBatch, signal?: AbortSignal): Promise<void> {
    const middle = Math.ceil(samples.length / 2);
    await this.write({ atMs, samples: samples.slice(0, middle) }, signal);
    await this.write({ atMs, samples: samples.slice(middle) }, signal);
  }

  async #post(body: string, signal?: AbortSignal): Promise<WireResponse> {
    const { transport, pathPrefix, bucket, org, token, timeoutMs } = this.#options;
    const query = new URLSearchParams({ org, bucket, precision: 'ms' });
    try {
      return await transport.send({
        method: 'POST',
        path: `${pathPrefix}/api/v2/write?${query.toString()}`,
        headers: {
          'content-type': 'text/plain; charset=utf-8',
          ...(token === undefined ? {} : { authorization: `Token ${token}` }),
        },
        body,
        timeoutMs,
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      const problem = isKcError(error) ? error.problem : messageOf(error);
      throw this.#error('KC_SINK_UNAVAILABLE', problem, error);
    }
  }

  #error(code: 'KC_SINK_REFUSED' | 'KC_SINK_UNAVAILABLE', problem: string, cause?: unknown): KcError {
    return new KcError(code, { object: `influxdb ${this.#options.address}`, problem, cause });
  }

  close(): void {
    // Connections that are idle do not keep a process alive.
  }
}
