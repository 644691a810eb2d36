/** How fast simulated kubelets work where time is real. */
import type { KubeletTiming } from '#playground/fleet/kubelet/timing.ts';

/** The order of a real kubelet's steps without its waits. */
export const BRISK_TIMING: KubeletTiming = {
  notice: [1, 10],
  pull: [20, 60],
  pullAgain: [5, 15],
  create: [10, 40],
  init: [20, 60],
  stop: [10, 40],
  restart: [20, 60],
  actuate: [20, 60],
};
