/**
 * What a contract or end-to-end suite runs against: the playground's API server or a real one. A suite that is
 * written on this interface alone proves that the two agree; a difference is a bug of the playground.
 */
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { Transport } from '#kube/transport/transport.ts';

export type TargetName = 'playground' | 'real';

/**
 * How much of a cluster there is.
 * `api`: the API server with namespaces that end, owners that are collected and service accounts; pods stay pending.
 * `cluster`: also the workload controllers, a scheduler and a fleet that plays the kubelets.
 */
export type TargetLevel = 'api' | 'cluster';

/** A running API server and an administrator's client to it. */
export interface ApiTarget {
  readonly name: TargetName;
  readonly client: KubeClient;
  /** What the client sends through: the same administrator's requests, raw. */
  readonly transport: Transport;
  /** A kubeconfig file of an administrator, good for `kubectl --kubeconfig`. */
  readonly kubeconfigPath: string;
  /** Lets the cluster's own time pass. Both targets live on the machine's time today; a suite need not know. */
  pass(durationMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** How to get one kind of target. */
export interface TargetStarter {
  readonly name: TargetName;
  /** Why it cannot be started on this machine, or undefined where it can. */
  unavailable(): string | undefined;
  start(level: TargetLevel): Promise<ApiTarget>;
}
