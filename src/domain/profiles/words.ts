/** What names, labels, images, commands and owners say of a workload. */
import { type ProfileObservation } from './observation.ts';
import { WORKLOAD_TYPES, type WorkloadType } from './workload-types.ts';

/** A hint that speaks for one type. */
export interface WordHint {
  readonly feature: 'declared type' | 'name' | 'label' | 'image' | 'command' | 'owner';
  /** Where and what was found, such as `train in llama-train-0`. */
  readonly value: string;
  readonly type: WorkloadType;
  /** As log-odds. */
  readonly weight: number;
}

/** Labels and annotations of the operator, see docs of its webhooks; what they declare is nearly always so. */
const DECLARING = ['kcloud.io/workload-type', 'workload-type', 'workload_type', 'workloadType'];
const DECLARED_WEIGHT = 6;
/** Words mislead now and then: an `api-load-test` serves nobody. */
const WORD_WEIGHT = 2;
/** Labels hold much that is not about the work. */
const LABEL_WEIGHT = 1.5;

/** Beginnings of words that speak for a type. */
const WORDS: Readonly<Record<WorkloadType, readonly string[]>> = {
  training: [
    'train',
    'finetun',
    'pretrain',
    'torchrun',
    'deepspeed',
    'horovod',
    'pytorchjob',
    'tfjob',
    'lora',
    'sft',
    'rlhf',
    'epoch',
  ],
  serving: [
    'serv',
    'api',
    'web',
    'nginx',
    'gateway',
    'frontend',
    'envoy',
    'gunicorn',
    'uvicorn',
    'kserve',
    'vllm',
    'proxy',
  ],
  inference: ['infer', 'triton', 'predict', 'onnx', 'tensorrt', 'whisper', 'embed', 'diffusion', 'rerank'],
  batch: [
    'batch',
    'job',
    'cron',
    'etl',
    'spark',
    'airflow',
    'backup',
    'report',
    'export',
    'migrat',
    'nightly',
  ],
  idle: ['sleep', 'pause', 'standby'],
};

const OWNERS: Readonly<Record<string, { readonly type: WorkloadType; readonly weight: number }>> = {
  CronJob: { type: 'batch', weight: 2 },
  Job: { type: 'batch', weight: 1 },
  PyTorchJob: { type: 'training', weight: 3 },
  TFJob: { type: 'training', weight: 3 },
  MPIJob: { type: 'training', weight: 2 },
  InferenceService: { type: 'inference', weight: 3 },
  Deployment: { type: 'serving', weight: 0.5 },
};

/** Beginnings that are no hint although they begin like one. */
const MISLEADING = /^(?:server?less|service-?account|observ)/u;

export function wordHints(observation: ProfileObservation): WordHint[] {
  const { names = [], labels = {}, image, command = [], ownerKind } = observation;
  const declared = DECLARING.flatMap((key) => declaredType(key, labels[key]));
  if (declared.length > 0) return declared.slice(0, 1);
  const found = [
    ...names.flatMap((name) => hintsIn('name', name)),
    ...hintsIn('image', image?.split('@')[0] ?? ''),
    ...command.flatMap((word) => hintsIn('command', word)),
    ...Object.entries(labels).flatMap(([key, value]) => hintsIn('label', value, key)),
  ];
  const owner = ownerKind === undefined ? undefined : OWNERS[ownerKind];
  return [
    ...strongestPerType(found),
    ...(owner === undefined ? [] : [{ feature: 'owner', value: ownerKind ?? '', ...owner } as const]),
  ];
}

function declaredType(key: string, value: string | undefined): WordHint[] {
  const type = WORKLOAD_TYPES.find((each) => each === value?.trim().toLowerCase());
  if (type === undefined) return [];
  return [{ feature: 'declared type', value: `${key}: ${type}`, type, weight: DECLARED_WEIGHT }];
}

function hintsIn(feature: 'name' | 'label' | 'image' | 'command', text: string, key?: string): WordHint[] {
  const words = text
    .replaceAll(/(?<lower>[a-z])(?<upper>[A-Z])/gu, '$<lower>-$<upper>')
    .toLowerCase()
    .replace(/fine-tun/u, 'finetun')
    .split(/[^a-z]+/u)
    .filter((word) => !MISLEADING.test(word));
  return WORKLOAD_TYPES.flatMap((type) => {
    const beginning = WORDS[type].find((each) => words.some((word) => word.startsWith(each)));
    const weight = feature === 'label' ? LABEL_WEIGHT : WORD_WEIGHT;
    const place = key === undefined ? text : `${key}=${text}`;
    return beginning === undefined ? [] : [{ feature, value: `${beginning}… in ${place}`, type, weight }];
  });
}

/** One word said five times is one hint. */
function strongestPerType(hints: readonly WordHint[]): WordHint[] {
  return WORKLOAD_TYPES.flatMap((type) => {
    const own = hints.filter((hint) => hint.type === type).sort((a, b) => b.weight - a.weight);
    return own.slice(0, 1);
  });
}
