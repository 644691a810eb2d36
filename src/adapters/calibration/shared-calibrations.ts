/**
 * Calibrations in a ConfigMap, so that every replica has them and a new pod finds them: what is saved here is written
 * there first, and what others wrote is taken over within half a minute. The newest of a node, model or cluster holds.
 */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { messageOf } from '#errors/kc-error.ts';
import { ApiError } from '#kube/client/api-error.ts';
import { CONFIG_MAPS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { type Clock, sleep } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import { readCalibration, writeCalibration } from './calibration-document.ts';
import type { CalibrationScope, CalibrationStore, StoredCalibration } from './calibration-store.ts';

const Entry = Type.Object({
  scope: Type.Enum(['node', 'model', 'cluster']),
  name: Type.String(),
  at_ms: Type.Number(),
  document: Type.String(),
});

export interface SharedCalibrationParts {
  readonly store: CalibrationStore;
  readonly client: KubeClient;
  readonly namespace: string;
  /** Of the ConfigMap. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const REFRESH_MS = 30_000;
const CALL_MS = 5_000;
const NOT_FOUND = 404;

export class SharedCalibrations {
  readonly #parts: SharedCalibrationParts;
  #problem: string | undefined;

  constructor(parts: SharedCalibrationParts) {
    this.#parts = parts;
  }

  /** Rejects where the API server does not take it; then nothing has changed. */
  async save(saved: StoredCalibration): Promise<void> {
    const { client, namespace, name, store } = this.#parts;
    const data = { [keyOf(saved.of)]: textOf(saved) };
    try {
      await client.patch(
        CONFIG_MAPS,
        { namespace, name },
        { patch: 'merge', body: { data }, timeoutMs: CALL_MS },
      );
    } catch (error) {
      if (!(error instanceof ApiError) || error.httpStatus !== NOT_FOUND) throw error;
      await client.create(CONFIG_MAPS, { metadata: { namespace, name }, data }, { timeoutMs: CALL_MS });
    }
    store.save(saved);
  }

  /** Takes over what is newer there. */
  async refresh(): Promise<void> {
    const { client, namespace, name, store } = this.#parts;
    const found = await client.find(CONFIG_MAPS, { namespace, name }, { timeoutMs: CALL_MS });
    for (const [key, text] of Object.entries(found?.data ?? {})) {
      const stored = readEntry(text, `${key} in configmap ${namespace}/${name}`);
      if (stored.atMs > (store.load(stored.of)?.atMs ?? Number.NEGATIVE_INFINITY)) store.save(stored);
    }
  }

  /** Refreshes until aborted; what goes wrong is told once and tried again. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        await this.refresh().then(
          () => { this.#problem = undefined; },
          (error: unknown) => { this.#troubled(messageOf(error)); },
        ); // prettier-ignore
        await sleep(this.#parts.clock, REFRESH_MS, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #troubled(problem: string): void {
    if (problem !== this.#problem) this.#parts.logger.warn('shared calibrations cannot be read', { problem });
    this.#problem = problem;
  }
}

/** Names of ConfigMap keys may hold no more than these characters. */
function keyOf(of: CalibrationScope): string {
  return of.scope === 'cluster' ? of.scope : `${of.scope}.${Buffer.from(of.name).toString('base64url')}`;
}

function textOf({ of, atMs, calibration }: StoredCalibration): string {
  const name = of.scope === 'cluster' ? '' : of.name;
  return JSON.stringify({ scope: of.scope, name, at_ms: atMs, document: writeCalibration(calibration) });
}

function readEntry(text: string, object: string): StoredCalibration {
  const { scope, name, at_ms: atMs, document } = Value.Parse(Entry, JSON.parse(text));
  return {
    of: scope === 'cluster' ? { scope } : { scope, name },
    atMs,
    calibration: readCalibration(document, object),
  };
}
