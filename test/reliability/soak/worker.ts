/** A thread of a soak run: plays the seeds that it is sent, one after the other. */
import { parentPort } from 'node:worker_threads';
import { type Job, playSeed } from './play-seed.ts';

const port = parentPort;
if (port === null) throw new Error('to be run as a thread');

port.on('message', (job: Job) => {
  void playSeed(job).then((outcome) => {
    // Traces are long; a failing seed is played again to see its own.
    port.postMessage({ ...outcome, trace: [] });
  });
});
