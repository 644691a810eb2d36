/** The wiring list of the workload controllers: what kube-controller-manager does on a real control plane. */
import type { Component, FleetContext } from '../fleet-context.ts';
import type { FleetUsage } from '../usage/fleet-usage.ts';
import { AutoscalerController } from './autoscaler/autoscaler-controller.ts';
import { DaemonSetController } from './daemon-set/daemon-set-controller.ts';
import { DeploymentController } from './deployment/deployment-controller.ts';
import { DisruptionController } from './disruption-controller.ts';
import { EndpointsController } from './endpoints-controller.ts';
import { CronJobController } from './job/cron-job-controller.ts';
import { JobController } from './job/job-controller.ts';
import { NodeLifecycleController } from './node-lifecycle-controller.ts';
import { ReplicaSetController } from './replica-set-controller.ts';
import { StatefulSetController } from './stateful-set/stateful-set-controller.ts';

export interface Controllers extends Component {
  /** A node has fallen silent. */
  nodeLost(nodeName: string): void;
}

export function startControllers(context: FleetContext, usage: FleetUsage): Controllers {
  const nodeLifecycle = new NodeLifecycleController(context);
  const all: readonly Component[] = [
    new DeploymentController(context),
    new ReplicaSetController(context),
    new StatefulSetController(context),
    new DaemonSetController(context),
    new JobController(context),
    new CronJobController(context),
    new AutoscalerController(context, usage),
    new DisruptionController(context),
    new EndpointsController(context),
    nodeLifecycle,
  ];
  return {
    stop: () => { for (const component of all) component.stop(); },
    nodeLost: (nodeName) => { nodeLifecycle.nodeLost(nodeName); },
  }; // prettier-ignore
}
