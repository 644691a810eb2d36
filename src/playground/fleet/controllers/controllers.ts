/** The wiring list of the workload controllers: what kube-controller-manager does on a real control plane. */
import type { Component, FleetContext } from '../fleet-context.ts';
import type { FleetUsage } from '../usage/fleet-usage.ts';
import { DeploymentController } from './deployment/deployment-controller.ts';
import { ReplicaSetController } from './replica-set-controller.ts';

export function startControllers(context: FleetContext, _usage: FleetUsage): readonly Component[] {
  return [new DeploymentController(context), new ReplicaSetController(context)];
}
