/** The text that kube-state-metrics would expose of the cluster. */
import {
  CRON_JOBS,
  DAEMON_SETS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  JOBS,
  NAMESPACES,
  NODES,
  PODS,
  POD_DISRUPTION_BUDGETS,
  REPLICA_SETS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';
import type { ClusterAccess } from '../cluster-access.ts';
import {
  AUTOSCALER_FAMILIES,
  BUDGET_FAMILIES,
  NAMESPACE_FAMILIES,
  NODE_FAMILIES,
} from './kube-state-cluster.ts';
import { CONTAINER_FAMILIES, POD_FAMILIES } from './kube-state-pods.ts';
import {
  CRON_JOB_FAMILIES,
  DAEMON_SET_FAMILIES,
  DEPLOYMENT_FAMILIES,
  JOB_FAMILIES,
  REPLICA_SET_FAMILIES,
  STATEFUL_SET_FAMILIES,
} from './kube-state-workloads.ts';
import { MetricText, addObjects } from './metric-text.ts';

export function kubeStateText(access: ClusterAccess): string {
  const text = new MetricText();
  addObjects(text, [...POD_FAMILIES, ...CONTAINER_FAMILIES], access.list(PODS));
  addObjects(text, DEPLOYMENT_FAMILIES, access.list(DEPLOYMENTS));
  addObjects(text, REPLICA_SET_FAMILIES, access.list(REPLICA_SETS));
  addObjects(text, STATEFUL_SET_FAMILIES, access.list(STATEFUL_SETS));
  addObjects(text, DAEMON_SET_FAMILIES, access.list(DAEMON_SETS));
  addObjects(text, JOB_FAMILIES, access.list(JOBS));
  addObjects(text, CRON_JOB_FAMILIES, access.list(CRON_JOBS));
  addObjects(text, AUTOSCALER_FAMILIES, access.list(HORIZONTAL_POD_AUTOSCALERS));
  addObjects(text, BUDGET_FAMILIES, access.list(POD_DISRUPTION_BUDGETS));
  addObjects(text, NODE_FAMILIES, access.list(NODES));
  addObjects(text, NAMESPACE_FAMILIES, access.list(NAMESPACES));
  return text.text();
}
