/** A real control plane as a target, at the level of a cluster with a fleet that plays the kubelets. */
import { setTimeout as sleep } from 'node:timers/promises';
import { whyNoControlPlane } from '../binaries.ts';
import { API_CONTROLLERS, type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts';
import { startRealCluster } from '../fleet/real-cluster.ts';
import type { ApiTarget, TargetLevel, TargetStarter } from './api-target.ts';

function targetOf({ client, transport, kubeconfigPath }: ControlPlane, stop: () => Promise<void>): ApiTarget {
  return { name: 'real', client, transport, kubeconfigPath, pass: (durationMs) => sleep(durationMs), stop };
}

async function start(level: TargetLevel): Promise<ApiTarget> {
  if (level === 'cluster') {
    const cluster = await startRealCluster();
    return targetOf(cluster.controlPlane, () => cluster.stop());
  }
  const controlPlane = await startControlPlane({ controllers: API_CONTROLLERS, scheduler: false });
  return targetOf(controlPlane, () => controlPlane.stop());
}

export const REAL_TARGET: TargetStarter = { name: 'real', unavailable: whyNoControlPlane, start };
