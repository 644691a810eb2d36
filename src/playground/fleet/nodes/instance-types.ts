/**
 * Instance types as clouds sell them (vCPU and GiB from the vendors' lists) and NPU servers as their vendors build
 * them. GPU products, memory and compute capability are what NVIDIA's feature discovery says of the card.
 */

export type Provider = 'eks' | 'gke' | 'aks' | 'on-premises';

export interface Accelerator {
  /** The extended resource, e.g. `nvidia.com/gpu`. */
  readonly resource: string;
  readonly count: number;
  /** What the vendor's discovery labels say, e.g. `NVIDIA-A100-SXM4-80GB`. */
  readonly product: string;
  readonly memoryMib: number;
  /** The architecture, e.g. `ampere`. */
  readonly family?: string;
  /** NVIDIA's compute capability, e.g. `8.0`. */
  readonly computeCapability?: string;
  /** What GKE calls it. */
  readonly gkeName?: string;
}

export interface InstanceSize {
  readonly provider: Provider;
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly arch?: 'amd64' | 'arm64';
  readonly accelerators?: readonly Accelerator[];
}

const GIB = 1024 ** 3;

type Card = Omit<Accelerator, 'resource' | 'count'>;

const T4: Card = { product: 'Tesla-T4', memoryMib: 15_360, family: 'turing', computeCapability: '7.5', gkeName: 'nvidia-tesla-t4' }; // prettier-ignore
const A10G: Card = { product: 'NVIDIA-A10G', memoryMib: 23_028, family: 'ampere', computeCapability: '8.6' };
const L4: Card = { product: 'NVIDIA-L4', memoryMib: 23_034, family: 'ada-lovelace', computeCapability: '8.9', gkeName: 'nvidia-l4' }; // prettier-ignore
const A100_40: Card = { product: 'NVIDIA-A100-SXM4-40GB', memoryMib: 40_960, family: 'ampere', computeCapability: '8.0', gkeName: 'nvidia-tesla-a100' }; // prettier-ignore
const A100_80: Card = { product: 'NVIDIA-A100-SXM4-80GB', memoryMib: 81_920, family: 'ampere', computeCapability: '8.0', gkeName: 'nvidia-a100-80gb' }; // prettier-ignore
const A100_PCIE: Card = { ...A100_80, product: 'NVIDIA-A100-80GB-PCIe' };
const H100: Card = { product: 'NVIDIA-H100-80GB-HBM3', memoryMib: 81_559, family: 'hopper', computeCapability: '9.0', gkeName: 'nvidia-h100-80gb' }; // prettier-ignore

interface More {
  readonly arch?: 'arm64';
  readonly gpus?: readonly [card: Card, count: number];
  readonly npus?: Accelerator;
}

function size(provider: Provider, [cpuCores, gib]: readonly [number, number], more: More = {}): InstanceSize {
  const { arch, gpus, npus } = more;
  const [card, count = 0] = gpus ?? [];
  const accelerators = [
    ...(card === undefined ? [] : [{ resource: 'nvidia.com/gpu', count, ...card }]),
    ...(npus === undefined ? [] : [npus]),
  ];
  return {
    provider,
    cpuCores,
    memoryBytes: gib * GIB,
    ...(arch === undefined ? {} : { arch }),
    ...(accelerators.length === 0 ? {} : { accelerators }),
  };
}

export const INSTANCE_TYPES = {
  't3.medium': size('eks', [2, 4]),
  'm6i.large': size('eks', [2, 8]),
  'm6i.xlarge': size('eks', [4, 16]),
  'm6i.2xlarge': size('eks', [8, 32]),
  'm6i.4xlarge': size('eks', [16, 64]),
  'm6i.8xlarge': size('eks', [32, 128]),
  'm6i.12xlarge': size('eks', [48, 192]),
  'm6i.16xlarge': size('eks', [64, 256]),
  'm6i.24xlarge': size('eks', [96, 384]),
  'm6i.32xlarge': size('eks', [128, 512]),
  'm7g.xlarge': size('eks', [4, 16], { arch: 'arm64' }),
  'm7g.4xlarge': size('eks', [16, 64], { arch: 'arm64' }),
  'c6i.large': size('eks', [2, 4]),
  'c6i.xlarge': size('eks', [4, 8]),
  'c6i.2xlarge': size('eks', [8, 16]),
  'c6i.4xlarge': size('eks', [16, 32]),
  'c6i.8xlarge': size('eks', [32, 64]),
  'r6i.large': size('eks', [2, 16]),
  'r6i.xlarge': size('eks', [4, 32]),
  'r6i.2xlarge': size('eks', [8, 64]),
  'r6i.4xlarge': size('eks', [16, 128]),
  'r6i.8xlarge': size('eks', [32, 256]),
  'g4dn.xlarge': size('eks', [4, 16], { gpus: [T4, 1] }),
  'g4dn.12xlarge': size('eks', [48, 192], { gpus: [T4, 4] }),
  'g5.xlarge': size('eks', [4, 16], { gpus: [A10G, 1] }),
  'g5.12xlarge': size('eks', [48, 192], { gpus: [A10G, 4] }),
  'g6.xlarge': size('eks', [4, 16], { gpus: [L4, 1] }),
  'g6.12xlarge': size('eks', [48, 192], { gpus: [L4, 4] }),
  'p4d.24xlarge': size('eks', [96, 1152], { gpus: [A100_40, 8] }),
  'p4de.24xlarge': size('eks', [96, 1152], { gpus: [A100_80, 8] }),
  'p5.48xlarge': size('eks', [192, 2048], { gpus: [H100, 8] }),
  'e2-standard-4': size('gke', [4, 16]),
  'n2-standard-4': size('gke', [4, 16]),
  'n2-standard-8': size('gke', [8, 32]),
  'n2-standard-16': size('gke', [16, 64]),
  'g2-standard-4': size('gke', [4, 16], { gpus: [L4, 1] }),
  'g2-standard-48': size('gke', [48, 192], { gpus: [L4, 4] }),
  'a2-highgpu-1g': size('gke', [12, 85], { gpus: [A100_40, 1] }),
  'a2-ultragpu-1g': size('gke', [12, 170], { gpus: [A100_80, 1] }),
  'a3-highgpu-8g': size('gke', [208, 1872], { gpus: [H100, 8] }),
  Standard_D4s_v5: size('aks', [4, 16]),
  Standard_D8s_v5: size('aks', [8, 32]),
  Standard_NC4as_T4_v3: size('aks', [4, 28], { gpus: [T4, 1] }),
  Standard_NC24ads_A100_v4: size('aks', [24, 220], { gpus: [A100_PCIE, 1] }),
  'atom-server': size('on-premises', [32, 256], {
    npus: {
      resource: 'rebellions.ai/ATOM',
      count: 8,
      product: 'RBLN-CA12',
      memoryMib: 16_384,
      family: 'ATOM',
    },
  }),
  'rngd-server': size('on-premises', [64, 512], {
    npus: { resource: 'furiosa.ai/rngd', count: 8, product: 'rngd', memoryMib: 49_152, family: 'rngd' },
  }),
} as const satisfies Readonly<Record<string, InstanceSize>>;

export type InstanceType = keyof typeof INSTANCE_TYPES;
