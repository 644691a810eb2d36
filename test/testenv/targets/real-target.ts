/** A real control plane as a target. */
import { setTimeout as sleep } from 'node:timers/promises';
import { whyNoControlPlane } from '../binaries.ts';
import { API_CONTROLLERS, startControlPlane } from '../control-plane/control-plane.ts';
import type { ApiTarget, TargetLevel, TargetStarter } from './api-target.ts';

async function start(level: TargetLevel): Promise<ApiTarget> {
  const controlPlane = await startControlPlane(
    level === 'api' ? { controllers: API_CONTROLLERS, scheduler: false } : {},
  );
  return {
    name: 'real',
    client: controlPlane.client,
    kubeconfigPath: controlPlane.kubeconfigPath,
    pass: (durationMs) => sleep(durationMs),
    stop: () => controlPlane.stop(),
  };
}

export const REAL_TARGET: TargetStarter = { name: 'real', unavailable: whyNoControlPlane, start };
