/** How a workload of the demo is written down: what it asks for, what it really uses, and what protects it. */

export interface WorkloadDeclaration {
  readonly namespace: string;
  readonly name: string;
  /** Default: Deployment. */
  readonly kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job';
  /** Default: 1. */
  readonly replicas?: number;
  /** Request and limit of each pod. */
  readonly cpu: string;
  readonly memory: string;
  readonly gpus?: number;
  /** A usage profile of the playground, as YAML. */
  readonly usage: string;
  /** Whether a recorded trace may take the place of its generated load. Default: yes. */
  readonly replaysTraces?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** A HorizontalPodAutoscaler on CPU. */
  readonly autoscaler?: {
    readonly minReplicas: number;
    readonly maxReplicas: number;
    readonly percent: number;
  };
  /** A PodDisruptionBudget that lets no pod go. */
  readonly keepsEveryPod?: boolean;
}
