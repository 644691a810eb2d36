/** VPA's updater, our operator and a controller of controller-runtime, each resizing the same pods in place. */
import { quantileOfSorted } from '#domain/statistics/order.ts';
import { ensureVerticalPodAutoscaler } from '#test/testenv/modules/vertical-pod-autoscaler.ts';
import type { Load } from '../../operator/load.ts';
import { table } from '../../rightsizing/tables.ts';
import {
  type Contestant,
  controllerRuntime,
  kcloud,
  KCLOUD_OPENED_UP,
  kcloudApproved,
  kopf,
  OPENED_UP,
  vpaUpdater,
} from './contestants.ts';
import { ensureControllerRuntime } from './controller-runtime.ts';
import { type Race, race } from './race.ts';

export interface ResizeResult {
  readonly versions: Readonly<Record<string, string>>;
  readonly load: Load;
  readonly races: readonly Race[];
}

interface ResizeOptions {
  readonly load: Load;
  readonly runs: number;
  /** Only contestants whose names hold one of these. */
  readonly contestants: readonly string[];
  /** A Python that has kopf and kubernetes. */
  readonly kopf: string | undefined;
}

export async function benchResize(
  options: ResizeOptions,
  say: (text: string) => void,
): Promise<ResizeResult> {
  const vpa = await ensureVerticalPodAutoscaler();
  const runtime = await ensureControllerRuntime();
  const contestants: readonly Contestant[] = [
    kcloud('KCloud, analysis and resize'),
    kcloud('KCloud, analysis and resize, opened up', KCLOUD_OPENED_UP),
    kcloudApproved('KCloud, resize'),
    kcloudApproved('KCloud, resize, opened up', KCLOUD_OPENED_UP),
    vpaUpdater('VPA updater', vpa.updater),
    vpaUpdater('VPA updater, opened up', vpa.updater, OPENED_UP),
    controllerRuntime('controller-runtime, resize only', runtime.resizer),
    controllerRuntime('controller-runtime, with bookkeeping', runtime.resizer, ['-bookkeeping']),
    ...(options.kopf === undefined ? [] : [kopf(options.kopf)]),
  ].filter(({ name }) => options.contestants.some((part) => name.includes(part)));
  const races: Race[] = [];
  // In turns, so that a busy quarter of an hour falls on all of them.
  for (let round = 0; round < options.runs; round++) {
    for (const contestant of contestants) {
      const result = await race(contestant, { load: options.load, vpaCrds: vpa.crds });
      say(`${contestant.name}: ${result.seconds.toFixed(1)} s`);
      races.push(result);
    }
  }
  const versions = { 'vertical-pod-autoscaler': vpa.version, 'controller-runtime': runtime.version };
  return { versions, load: options.load, races };
}

/** Medians over the runs. */
export function resizeTable({ races }: ResizeResult): string {
  const names = [...new Set(races.map(({ contestant }) => contestant))];
  const head = ['contestant', 'runs', 'pods/s', 'seconds', 'half', 'CPU seconds', 'MiB'];
  const rows = names.map((name) => {
    const own = races.filter(({ contestant }) => contestant === name);
    const median = (value: (one: Race) => number): number =>
      quantileOfSorted(Float64Array.from(own, value).sort(), 0.5);
    return [
      name,
      String(own.length),
      median(({ podsPerSecond }) => podsPerSecond).toFixed(1),
      median(({ seconds }) => seconds).toFixed(1),
      median(({ halfSeconds }) => halfSeconds).toFixed(1),
      median(({ cpuSeconds }) => cpuSeconds).toFixed(1),
      median(({ residentMib }) => residentMib).toFixed(0),
    ];
  });
  return table(head, rows);
}
