import { describe, expect, it } from 'vitest';
import type { CronJob, Job } from '#apis/kubernetes/builtin.ts';
import { CRON_JOBS, JOBS } from '#kube/client/builtin-types.ts';
import { type FleetRig, NAMESPACE, startRig, template } from '../../testing/fleet-rig.ts';
import { indexText } from './job-plan.ts';

const KEY = { namespace: NAMESPACE, name: 'work' };

function job(spec: Partial<NonNullable<Job['spec']>> = {}, usage = 'lifecycle: { runSeconds: 10 }'): Job {
  const pods = template('work', { usage, spec: { restartPolicy: 'Never' } });
  return { metadata: { name: 'work', namespace: NAMESPACE }, spec: { template: pods, ...spec } };
}

function current(rig: FleetRig): Job | undefined {
  return rig.access.get(JOBS, KEY);
}

function conditions(rig: FleetRig): readonly string[] {
  return (current(rig)?.status?.conditions ?? []).map(
    ({ type, status, reason }) => `${type}=${status} ${reason ?? ''}`,
  );
}

function isOver(rig: FleetRig): boolean {
  return conditions(rig).some((text) => /^(Complete|Failed)=True/.test(text));
}

describe('a Job', () => {
  it('runs as many pods at a time as it may until enough have succeeded', async () => {
    const rig = await startRig();
    await rig.create(JOBS, job({ completions: 5, parallelism: 2 }));
    await rig.clock.runFor(8000);
    expect(current(rig)?.status?.active).toBe(2);
    await rig.until('over', () => isOver(rig));
    expect(current(rig)?.status).toMatchObject({ succeeded: 5, ready: 0 });
    expect(conditions(rig)).toEqual([
      'SuccessCriteriaMet=True CompletionsReached',
      'Complete=True CompletionsReached',
    ]);
    expect(rig.pods('work')).toHaveLength(5);
    expect(rig.reasons('work').at(-1)).toBe('Completed');
  });

  it('gives each pod its index where they have one', async () => {
    const rig = await startRig();
    await rig.create(JOBS, job({ completions: 3, parallelism: 3, completionMode: 'Indexed' }));
    await rig.until('over', () => isOver(rig));
    const indexes = rig
      .pods('work')
      .map((pod) => pod.metadata?.annotations?.['batch.kubernetes.io/job-completion-index']);
    expect(indexes.toSorted()).toEqual(['0', '1', '2']);
    expect(current(rig)?.status?.completedIndexes).toBe('0-2');
  });

  it('tries again with growing pauses and gives up at its limit', async () => {
    const rig = await startRig();
    await rig.create(JOBS, job({ backoffLimit: 2 }, 'lifecycle: { runSeconds: 1, exitCode: 1 }'));
    const startedMs = rig.clock.now();
    await rig.until('over', () => isOver(rig));
    expect(conditions(rig)).toEqual([
      'FailureTarget=True BackoffLimitExceeded',
      'Failed=True BackoffLimitExceeded',
    ]);
    expect(current(rig)?.status?.failed).toBe(3);
    expect(rig.clock.now() - startedMs).toBeGreaterThan(30_000);
  });

  it('stops at its deadline', async () => {
    const rig = await startRig();
    await rig.create(JOBS, job({ activeDeadlineSeconds: 30 }, 'lifecycle: { runSeconds: 9999 }'));
    await rig.until('over', () => isOver(rig));
    expect(conditions(rig).at(-1)).toBe('Failed=True DeadlineExceeded');
    await rig.clock.runFor(10_000);
    expect(rig.pods('work')).toEqual([]);
  });

  it('waits while it is suspended', async () => {
    const rig = await startRig();
    await rig.create(JOBS, job({ suspend: true }));
    await rig.clock.runFor(30_000);
    expect(rig.pods('work')).toEqual([]);
    expect(conditions(rig)).toEqual(['Suspended=True JobSuspended']);
    await rig.access.mergePatch(JOBS, KEY, { body: { spec: { suspend: false } } });
    await rig.until('over', () => isOver(rig));
    expect(conditions(rig)).toContain('Suspended=False JobResumed');
  });

  it('is deleted after its time to live, with its pods', async () => {
    const rig = await startRig();
    await rig.create(JOBS, job({ ttlSecondsAfterFinished: 100 }));
    await rig.until('over', () => isOver(rig));
    await rig.clock.runFor(90_000);
    expect(current(rig)).toBeDefined();
    await rig.clock.runFor(20_000);
    expect(current(rig)).toBeUndefined();
    expect(rig.pods('work')).toEqual([]);
  });

  it('lists indexes in ranges', () => {
    expect(indexText(new Set([5, 0, 1, 2, 7, 8]))).toBe('0-2,5,7,8');
    expect(indexText(new Set())).toBe('');
  });
});

function cronJob(spec: Partial<NonNullable<CronJob['spec']>> = {}, usage?: string): CronJob {
  const { spec: jobSpec } = job({}, usage);
  return {
    metadata: { name: 'nightly', namespace: NAMESPACE },
    spec: { schedule: '*/10 * * * *', jobTemplate: { spec: jobSpec ?? { template: {} } }, ...spec },
  };
}

describe('a CronJob', () => {
  it('starts Jobs by its schedule and keeps the newest few', async () => {
    const rig = await startRig();
    await rig.create(CRON_JOBS, cronJob());
    await rig.clock.runFor(3_600_000 + 60_000);
    expect(
      rig.events('SuccessfulCreate').filter(({ involvedObject: { kind } }) => kind === 'CronJob'),
    ).toHaveLength(6);
    expect(rig.access.list(JOBS)).toHaveLength(3);
    const { status } = rig.access.get(CRON_JOBS, { namespace: NAMESPACE, name: 'nightly' }) ?? {};
    expect(status?.lastScheduleTime).toBe('2026-01-05T09:00:00Z');
    expect(status?.lastSuccessfulTime?.startsWith('2026-01-05T09:00:')).toBe(true);
    expect(status?.active).toBeUndefined();
  });

  it.each([
    ['Forbid', 1],
    ['Allow', 3],
    ['Replace', 1],
  ])('with concurrency policy %s has %d Jobs of an endless run', async (concurrencyPolicy, jobs) => {
    const rig = await startRig();
    await rig.create(CRON_JOBS, cronJob({ concurrencyPolicy }, 'lifecycle: { runSeconds: 99999 }'));
    await rig.clock.runFor(35 * 60_000);
    expect(rig.access.list(JOBS)).toHaveLength(jobs);
    const newest = rig.access.list(JOBS).at(-1)?.metadata?.creationTimestamp;
    expect(newest).toBe(concurrencyPolicy === 'Forbid' ? '2026-01-05T08:10:00Z' : '2026-01-05T08:30:00Z');
  });

  it('stands still while it is suspended, and says where its schedule is wrong', async () => {
    const rig = await startRig();
    await rig.create(CRON_JOBS, cronJob({ suspend: true }));
    const wrong = cronJob({ schedule: 'every day' });
    await rig.create(CRON_JOBS, { ...wrong, metadata: { ...wrong.metadata, name: 'wrong' } });
    await rig.clock.runFor(3_600_000);
    expect(rig.access.list(JOBS)).toEqual([]);
    expect(rig.events('UnparseableSchedule')).toHaveLength(1);
  });
});
