/** The labels of nodes: those of Kubernetes itself, of the clouds, and of the vendors' feature discoveries. */
import type { Accelerator, Provider } from './instance-types.ts';
import type { NodeShape } from './node-shape.ts';

type Labels = Readonly<Record<string, string>>;

export function nodeLabels(shape: NodeShape): Record<string, string> {
  const arch = shape.arch ?? 'amd64';
  return {
    'beta.kubernetes.io/arch': arch,
    'beta.kubernetes.io/os': 'linux',
    'beta.kubernetes.io/instance-type': shape.instanceType,
    'kubernetes.io/arch': arch,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/hostname': shape.name,
    'node.kubernetes.io/instance-type': shape.instanceType,
    'topology.kubernetes.io/region': shape.region,
    'topology.kubernetes.io/zone': shape.zone,
    ...PROVIDER_LABELS[shape.provider ?? 'on-premises'](shape),
    ...Object.fromEntries(
      (shape.accelerators ?? []).flatMap((each) => Object.entries(acceleratorLabels(each))),
    ),
    ...shape.labels,
  };
}

/** How each provider says what a node costs: on demand, or spot. */
const PROVIDER_LABELS: Readonly<Record<Provider, (shape: NodeShape) => Labels>> = {
  eks: eksLabels,
  gke: gkeLabels,
  aks: aksLabels,
  'on-premises': ({ capacityType }) => ({ 'karpenter.sh/capacity-type': capacityType }),
};

/** A node that Karpenter launched, with the managed node groups' name for the same thing. */
function eksLabels({ capacityType, instanceType, pool = 'default' }: NodeShape): Labels {
  const [family = instanceType, size = ''] = instanceType.split('.');
  return {
    'karpenter.sh/capacity-type': capacityType,
    'karpenter.sh/nodepool': pool,
    'karpenter.k8s.aws/instance-family': family,
    'karpenter.k8s.aws/instance-size': size,
    'eks.amazonaws.com/capacityType': capacityType === 'spot' ? 'SPOT' : 'ON_DEMAND',
    'eks.amazonaws.com/nodegroup': pool,
  };
}

function gkeLabels({
  capacityType,
  instanceType,
  pool = 'default-pool',
  accelerators = [],
}: NodeShape): Labels {
  const [card] = accelerators;
  return {
    'cloud.google.com/gke-nodepool': pool,
    'cloud.google.com/machine-family': instanceType.split('-')[0] ?? instanceType,
    'cloud.google.com/gke-provisioning': capacityType === 'spot' ? 'spot' : 'standard',
    ...(capacityType === 'spot' ? { 'cloud.google.com/gke-spot': 'true' } : {}),
    ...(card?.gkeName === undefined
      ? {}
      : {
          'cloud.google.com/gke-accelerator': card.gkeName,
          'cloud.google.com/gke-accelerator-count': String(card.count),
        }),
  };
}

function aksLabels({ capacityType, pool = 'nodepool1' }: NodeShape): Labels {
  return {
    'kubernetes.azure.com/agentpool': pool,
    'kubernetes.azure.com/mode': 'user',
    ...(capacityType === 'spot' ? { 'kubernetes.azure.com/scalesetpriority': 'spot' } : {}),
  };
}

function acceleratorLabels(accelerator: Accelerator): Labels {
  const vendor = accelerator.resource.split('/')[0] ?? '';
  if (vendor === 'nvidia.com') return nvidiaLabels(accelerator);
  const { count, product, family } = accelerator;
  const isPresent = vendor === 'rebellions.ai' ? { [`${vendor}/npu.present`]: 'true' } : {};
  return {
    ...isPresent,
    [`${vendor}/npu.count`]: String(count),
    [`${vendor}/npu.family`]: family ?? product,
    [`${vendor}/npu.product`]: product,
  };
}

/** GPU feature discovery of a card that is not cut into MIG instances or shared in time. */
function nvidiaLabels({ count, product, memoryMib, family, computeCapability }: Accelerator): Labels {
  const [major = '', minor = ''] = (computeCapability ?? '').split('.');
  return {
    'nvidia.com/gpu.present': 'true',
    'nvidia.com/gpu.count': String(count),
    'nvidia.com/gpu.product': product,
    'nvidia.com/gpu.memory': String(memoryMib),
    'nvidia.com/gpu.replicas': '1',
    'nvidia.com/gpu.sharing-strategy': 'none',
    'nvidia.com/mig.capable': String(Number(major) >= 8 && /A100|H100/.test(product)),
    ...(family === undefined ? {} : { 'nvidia.com/gpu.family': family }),
    ...(major === '' ? {} : { 'nvidia.com/gpu.compute.major': major, 'nvidia.com/gpu.compute.minor': minor }),
  };
}
