/** Starts Jobs by the clock. */
import type { CronJob, Job } from '#apis/kubernetes/builtin.ts';
import { keyOf } from '#apis/kubernetes/object.ts';
import { type Schedule, parseSchedule } from '#domain/schedule/schedule.ts';
import { KcError } from '#errors/kc-error.ts';
import { isAlreadyExists, isNotFound } from '#kube/client/api-error.ts';
import { CRON_JOBS, JOBS } from '#kube/client/builtin-types.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { Component, FleetContext } from '../../fleet-context.ts';
import type { ChangeIndex } from '../../fleet-indexes.ts';
import { createdMs, isDeleting, nameOf, namespaceOf, uidOf } from '../../meta.ts';
import { ControlLoop } from '../control-loop.ts';
import { controllerReference, writeStatus } from '../writing.ts';
import { endOf } from './job-status.ts';

const COMPONENT = 'cronjob-controller';
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

export class CronJobController implements Component {
  readonly #context: FleetContext;
  readonly #jobs: ChangeIndex<Job>;
  readonly #loop: ControlLoop<CronJob>;

  constructor(context: FleetContext) {
    this.#context = context;
    this.#jobs = context.indexes.jobsByOwner;
    this.#loop = new ControlLoop({
      name: COMPONENT,
      context,
      type: CRON_JOBS,
      owned: [JOBS],
      reconcile: (cronJob) => this.#reconcile(cronJob),
    });
  }

  stop(): void {
    this.#loop.stop();
  }

  async #reconcile(cronJob: CronJob): Promise<number | undefined> {
    if (isDeleting(cronJob)) return undefined;
    await this.#dropHistory(cronJob);
    const schedule = this.#scheduleOf(cronJob);
    const isPaused = schedule === undefined || cronJob.spec?.suspend === true;
    const started = isPaused ? undefined : await this.#startIfDue(cronJob, schedule);
    await this.#writeStatus(cronJob, started);
    const nextMs = isPaused ? undefined : schedule.next(this.#context.clock.now());
    return nextMs === undefined ? undefined : nextMs - this.#context.clock.now();
  }

  #scheduleOf(cronJob: CronJob): Schedule | undefined {
    const spec = cronJob.spec;
    if (spec === undefined) return undefined;
    try {
      return parseSchedule(spec.schedule, spec.timeZone);
    } catch (error) {
      if (!(error instanceof KcError)) throw error;
      this.#tell(cronJob, { type: 'Warning', reason: 'UnparseableSchedule', message: error.message });
      return undefined;
    }
  }

  /** Starts the latest run that was missed, if any; resolves with its time. */
  async #startIfDue(cronJob: CronJob, schedule: Schedule): Promise<number | undefined> {
    const nowMs = this.#context.clock.now();
    const dueMs = schedule.previous(nowMs);
    const lastMs = Date.parse(cronJob.status?.lastScheduleTime ?? '');
    const sinceMs = Number.isNaN(lastMs) ? createdMs(cronJob) : lastMs;
    if (dueMs === undefined || dueMs <= sinceMs) return undefined;
    const deadlineSeconds = cronJob.spec?.startingDeadlineSeconds;
    if (deadlineSeconds !== undefined && dueMs + deadlineSeconds * 1000 < nowMs) return undefined;
    if (!(await this.#makeWay(cronJob))) return undefined;
    await this.#start(cronJob, dueMs);
    return dueMs;
  }

  /** Applies the concurrency policy to Jobs that still run; says whether a new one may start. */
  async #makeWay(cronJob: CronJob): Promise<boolean> {
    const running = this.#running(cronJob);
    const policy = cronJob.spec?.concurrencyPolicy ?? 'Allow';
    if (running.length === 0 || policy === 'Allow') return true;
    if (policy === 'Forbid') {
      const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.#tell(cronJob, { type: 'Normal', reason: 'JobAlreadyActive', message });
      return false;
    }
    for (const job of running) {
      await this.#delete(job);
      this.#tell(cronJob, {
        type: 'Normal',
        reason: 'SuccessfulDelete',
        message: `Deleted job ${nameOf(job)}`,
      });
    }
    return true;
  }

  async #start(cronJob: CronJob, dueMs: number): Promise<void> {
    const template = cronJob.spec?.jobTemplate;
    const job: Job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: `${nameOf(cronJob)}-${Math.floor(dueMs / 60_000)}`,
        namespace: namespaceOf(cronJob),
        labels: { ...template?.metadata?.labels },
        annotations: { ...template?.metadata?.annotations, [SCHEDULED_AT]: rfc3339(dueMs) },
        ownerReferences: [controllerReference(CRON_JOBS, cronJob)],
      },
      spec: template?.spec ?? { template: {} },
    };
    try {
      await this.#context.access.create(JOBS, job);
      this.#tell(cronJob, {
        type: 'Normal',
        reason: 'SuccessfulCreate',
        message: `Created job ${nameOf(job)}`,
      });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }

  #running(cronJob: CronJob): readonly Job[] {
    return this.#jobs.get(uidOf(cronJob)).filter((job) => endOf(job) === undefined && !isDeleting(job));
  }

  async #writeStatus(cronJob: CronJob, startedMs: number | undefined): Promise<void> {
    const active = this.#running(cronJob).map((job) => ({
      apiVersion: 'batch/v1',
      kind: 'Job',
      name: nameOf(job),
      namespace: namespaceOf(job),
      uid: uidOf(job),
    }));
    const successes = this.#jobs
      .get(uidOf(cronJob))
      .map((job) => job.status?.completionTime)
      .filter((time) => time !== undefined)
      .sort();
    const lastSuccess = successes.at(-1) ?? cronJob.status?.lastSuccessfulTime;
    const lastSchedule = startedMs === undefined ? cronJob.status?.lastScheduleTime : rfc3339(startedMs);
    await writeStatus(
      this.#context,
      { type: CRON_JOBS, object: cronJob },
      {
        ...(active.length === 0 ? {} : { active }),
        ...(lastSchedule === undefined ? {} : { lastScheduleTime: lastSchedule }),
        ...(lastSuccess === undefined ? {} : { lastSuccessfulTime: lastSuccess }),
      },
    );
  }

  /** Keeps the newest few finished Jobs of each outcome. */
  async #dropHistory(cronJob: CronJob): Promise<void> {
    const limits = {
      Complete: cronJob.spec?.successfulJobsHistoryLimit ?? 3,
      Failed: cronJob.spec?.failedJobsHistoryLimit ?? 1,
    };
    for (const [type, limit] of Object.entries(limits)) {
      const finished = this.#jobs
        .get(uidOf(cronJob))
        .filter((job) => endOf(job)?.type === type && !isDeleting(job))
        .toSorted((a, b) => createdMs(a) - createdMs(b));
      for (const job of finished.slice(0, Math.max(0, finished.length - limit))) await this.#delete(job);
    }
  }

  async #delete(job: Job): Promise<void> {
    await this.#context.access.delete(JOBS, keyOf(job)).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }

  #tell(cronJob: CronJob, event: { type: 'Normal' | 'Warning'; reason: string; message: string }): void {
    this.#context.events.emit(cronJob, { ...event, component: COMPONENT });
  }
}
