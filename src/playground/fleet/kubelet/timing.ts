/** How long the steps of a pod's life take. */
import type { Random } from '#platform/random.ts';

/** From–to, in milliseconds; what is drawn lies between. */
export type Range = readonly [fromMs: number, toMs: number];

export interface KubeletTiming {
  /** From the binding of a pod until its kubelet reports on it. */
  readonly notice: Range;
  /** Pulling an image that the node does not have. */
  readonly pull: Range;
  /** Asking the registry about an image that the node has (imagePullPolicy Always). */
  readonly pullAgain: Range;
  /** Sandbox, network, volumes, creating and starting the container. */
  readonly create: Range;
  /** An init container's work. */
  readonly init: Range;
  /** Until a container that was asked to stop has ended. */
  readonly stop: Range;
  /** Until a container that ended is started again, where no back-off applies. */
  readonly restart: Range;
  /** Until an allocated resize is in effect. */
  readonly actuate: Range;
}

/** As on a healthy node with containerd and images of some hundred megabytes. */
export const REALISTIC_TIMING: KubeletTiming = {
  notice: [20, 120],
  pull: [900, 4000],
  pullAgain: [250, 700],
  create: [500, 1400],
  init: [800, 2500],
  stop: [300, 1200],
  restart: [700, 1600],
  actuate: [800, 2000],
};

export function draw(random: Random, [fromMs, toMs]: Range): number {
  return Math.round(fromMs + random.next() * (toMs - fromMs));
}
