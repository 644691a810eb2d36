/** What the routes work with. */
import type { Registry } from 'prom-client';
import type { CalibrationStore } from '#adapters/calibration/calibration-store.ts';
import type { SharedCalibrations } from '#adapters/calibration/shared-calibrations.ts';
import type { HourTotals } from '#adapters/power-history/hour-totals.ts';
import type { PowerHistory } from '#adapters/power-history/power-history.ts';
import type { Delivery } from '#adapters/sinks/delivery.ts';
import type { Clock } from '#platform/clock.ts';
import type { Health } from '#runtime/manager/health.ts';

import type { Collector } from '../collecting/collector.ts';
import type { Readings } from '../collecting/readings.ts';
import type { Tariff } from '../tariff.ts';

export interface RouteParts {
  readonly readings: Readings;
  readonly collector: Collector;
  readonly deliveries: readonly Delivery[];
  readonly history: PowerHistory;
  readonly hours: HourTotals;
  readonly tariff: Tariff;
  readonly calibrations: CalibrationStore;
  /** Saves a calibration for all replicas; undefined where there is only this one. */
  readonly shared: Pick<SharedCalibrations, 'save'> | undefined;
  readonly clock: Clock;
  readonly health: Health;
  readonly registry: Registry;
  readonly version: string;
  /** What it runs with, without secrets, for /info. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
}

/** How many ordinary requests a costly one counts for. */
export const WEIGHTS = { ask: 5, history: 5, predict: 10, calibrate: 10, classify: 5, export: 20 } as const;
