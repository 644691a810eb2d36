/** The types of workloads that profiles tell apart, and what makes each of them. */

/** The four types of the operator's workloads, and those that do nothing. */
export const WORKLOAD_TYPES = ['training', 'serving', 'inference', 'batch', 'idle'] as const;
export type WorkloadType = (typeof WORKLOAD_TYPES)[number];

export interface WorkloadTypeProfile {
  readonly type: WorkloadType;
  readonly description: string;
  /** What its power looks like. */
  readonly powerShape: string;
  /** What its utilisation looks like. */
  readonly utilisationShape: string;
  /** What its names, images and commands often hold. */
  readonly typicalWords: readonly string[];
  /** What saves energy for it without hurting it. */
  readonly savings: string;
}

export const WORKLOAD_TYPE_PROFILES: readonly WorkloadTypeProfile[] = [
  {
    type: 'training',
    description: 'Fits a model: hours to weeks of steady work, mostly on accelerators',
    powerShape: 'near the limit of the accelerators and level, with short dips at checkpoints and validation',
    utilisationShape: 'high and steady whatever the hour; nearly no rest until it ends',
    typicalWords: ['train', 'finetune', 'pretrain', 'torchrun', 'deepspeed', 'pytorchjob'],
    savings: 'power limits of accelerators, spot capacity with checkpoints, hours of low carbon',
  },
  {
    type: 'serving',
    description: 'Answers requests all the time: web services, APIs, models under lasting load',
    powerShape: 'moderate, never off, follows the requests',
    utilisationShape: 'moderate with reserve, smooth, often with a daily rhythm; no long rests',
    typicalWords: ['serving', 'server', 'api', 'web', 'gateway', 'nginx', 'kserve'],
    savings: 'right-sizing, replicas that follow the day, packing at night',
  },
  {
    type: 'inference',
    description: 'Runs a model when asked: short bursts of an accelerator between pauses',
    powerShape: 'jumps between the idle and the working watts of the accelerator',
    utilisationShape: 'many short bursts, low on average, uneven pauses',
    typicalWords: ['inference', 'infer', 'triton', 'predictor', 'onnxruntime', 'whisper'],
    savings: 'shared accelerators, batching, scaling to zero',
  },
  {
    type: 'batch',
    description: 'Works off a task and stops: jobs, pipelines, backups, mostly on CPUs',
    powerShape: 'stretches of work between rests, or one stretch that ends',
    utilisationShape: 'high for minutes to hours, then nothing; often at fixed times',
    typicalWords: ['batch', 'job', 'cron', 'etl', 'spark', 'backup'],
    savings: 'spot capacity, hours of low prices and low carbon, dense packing',
  },
  {
    type: 'idle',
    description: 'Does nothing to speak of, but holds what it requested',
    powerShape: 'the idle share of its node or device, level',
    utilisationShape: 'below a few percent throughout',
    typicalWords: ['sleep', 'pause', 'standby'],
    savings: 'scaling to zero, deletion, smaller requests',
  },
];
