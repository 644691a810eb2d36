/** Recorded usage as a Prometheus would have scraped it from cAdvisor and kube-state-metrics. */
import { join } from 'node:path';
import { type OpenMetricsSeries, writeOpenMetrics } from '#test/servers/prometheus/open-metrics.ts';
import { STEP_MS } from '../../rightsizing/datasets.ts';
import {
  BYTES_PER_PERCENT,
  CONTAINER,
  CORES_PER_PERCENT,
  type JobDayWorkload,
  NAMESPACE,
} from './job-days.ts';

const SCRAPE_MS = 60_000;
const SCRAPES_PER_STEP = STEP_MS / SCRAPE_MS;
/** A step's last scrape comes this long before its end, so that all of them lie in one block. */
const LEAD_MS = 1000;
/** A block of the database; promtool reads a whole file for each block in it, so a file holds one. */
const BLOCK_MS = 7_200_000;

/** The labels that the recommender is told to look for; its defaults are those of Kubernetes before 1.16. */
export const CADVISOR_JOB = 'kubernetes-cadvisor';
export const POD_LABELS = 'kube_pod_labels';

export interface Scraped {
  readonly job: JobDayWorkload;
  readonly pod: string;
}

interface Backfill {
  readonly folder: string;
  readonly scraped: readonly Scraped[];
  /** The midnight that all histories end at. A multiple of STEP_MS. */
  readonly endMs: number;
  readonly progress: (done: number, total: number) => void;
}

/** One file of OpenMetrics text per block, oldest first; each is overwritten by the next. */
export function* historyFiles({ folder, scraped, endMs, progress }: Backfill): Generator<string> {
  const steps = Math.max(...scraped.map(({ job }) => job.cpu.length));
  const firstBlock = Math.floor((endMs - steps * STEP_MS) / BLOCK_MS);
  const lastBlock = Math.floor(endMs / BLOCK_MS);
  const writers = scraped.map((one) => new Series(one, endMs));
  for (let block = firstBlock; block <= lastBlock; block++) {
    const series = writers.flatMap((writer) => writer.until((block + 1) * BLOCK_MS));
    if (series.length === 0) continue;
    const file = join(folder, 'history.om');
    writeOpenMetrics(file, series);
    progress(block - firstBlock, lastBlock - firstBlock + 1);
    yield file;
  }
}

type Sample = readonly [atMs: number, value: number];

/** The series of one pod: a counter that rises by what each step used, and a gauge. */
class Series {
  readonly #job: JobDayWorkload;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #startMs: number;
  #cpuSeconds = 0;
  #writtenStep = 0;

  constructor({ job, pod }: Scraped, endMs: number) {
    this.#job = job;
    this.#labels = { namespace: NAMESPACE, pod };
    this.#startMs = endMs - job.cpu.length * STEP_MS;
  }

  /** Samples before `toMs` that were not written yet. */
  until(toMs: number): OpenMetricsSeries[] {
    const [cpu, memory, labels]: [Sample[], Sample[], Sample[]] = [[], [], []];
    while (this.#writtenStep < this.#job.cpu.length) {
      const lastScrapeMs = this.#startMs + (this.#writtenStep + 1) * STEP_MS - LEAD_MS;
      if (lastScrapeMs >= toMs) break;
      this.#writeStep(lastScrapeMs, { cpu, memory });
      labels.push([lastScrapeMs, 1]);
      this.#writtenStep++;
    }
    const container = { ...this.#labels, container: CONTAINER, image: 'app:1', job: CADVISOR_JOB };
    const state = { ...this.#labels, job: 'kube-state-metrics' };
    return [
      { name: 'container_cpu_usage_seconds_total', labels: container, samples: cpu },
      { name: 'container_memory_working_set_bytes', labels: container, samples: memory },
      { name: POD_LABELS, labels: { ...state, label_app: this.#job.name }, samples: labels },
    ].filter(({ samples }) => samples.length > 0);
  }

  #writeStep(lastScrapeMs: number, { cpu, memory }: { cpu: Sample[]; memory: Sample[] }): void {
    const cores = (this.#job.cpu[this.#writtenStep] ?? Number.NaN) * CORES_PER_PERCENT;
    const bytes = Math.round((this.#job.memory[this.#writtenStep] ?? Number.NaN) * BYTES_PER_PERCENT);
    for (let scrape = 1; scrape <= SCRAPES_PER_STEP; scrape++) {
      const atMs = lastScrapeMs - (SCRAPES_PER_STEP - scrape) * SCRAPE_MS;
      if (Number.isFinite(cores)) {
        this.#cpuSeconds += (cores * SCRAPE_MS) / 1000;
        cpu.push([atMs, Math.round(this.#cpuSeconds * 1e6) / 1e6]);
      }
      if (Number.isFinite(bytes)) memory.push([atMs, bytes]);
    }
  }
}
