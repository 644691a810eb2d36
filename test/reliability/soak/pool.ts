/** Spreads jobs over threads. A thread that dies is a failed job, and another takes its place. */
import { Worker } from 'node:worker_threads';
import { messageOf } from '#errors/kc-error.ts';
import type { Outcome } from '../harness.ts';
import type { Job } from './play-seed.ts';

export interface PoolOptions {
  readonly workers: number;
  readonly onOutcome: (job: Job, outcome: Outcome) => void;
}

/** A seed takes a second or two; one that takes this long will not end. */
const SEED_LIMIT_MS = 600_000;

export async function soakInThreads(jobs: readonly Job[], options: PoolOptions): Promise<void> {
  const queue = [...jobs].reverse();
  const threads = Math.min(options.workers, jobs.length);
  await Promise.all(Array.from({ length: threads }, () => work(queue, options)));
}

async function work(queue: Job[], { onOutcome }: PoolOptions): Promise<void> {
  let thread = newThread();
  for (let job = queue.pop(); job !== undefined; job = queue.pop()) {
    try {
      onOutcome(job, await play(thread, job));
    } catch (error) {
      onOutcome(job, brokenOff(error));
      await thread.terminate();
      thread = newThread();
    }
  }
  await thread.terminate();
}

function newThread(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url));
}

function play(thread: Worker, job: Job): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => { settle(() => { reject(new Error('it does not end')); }); }, SEED_LIMIT_MS); // prettier-ignore
    const onMessage = (outcome: Outcome): void => { settle(() => { resolve(outcome); }); }; // prettier-ignore
    const onError = (error: unknown): void => { settle(() => { reject(error instanceof Error ? error : new Error(messageOf(error))); }); }; // prettier-ignore
    const settle = (finish: () => void): void => {
      clearTimeout(limit);
      thread.off('message', onMessage);
      thread.off('error', onError);
      finish();
    };
    thread.on('message', onMessage);
    thread.on('error', onError);
    thread.postMessage(job);
  });
}

function brokenOff(error: unknown): Outcome {
  const problems = [`the story broke off: ${messageOf(error)}`];
  return { problems, virtualMs: 0, faults: 0, checks: 0, trace: [], digest: '' };
}
