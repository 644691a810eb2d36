/** A node's object as the power model reads it: size, make, accelerators, names. */
import type { Node } from '#apis/kubernetes/builtin.ts';
import type { AcceleratorFacts, MachineFacts } from '#domain/power/inventory.ts';
import { processorByCpuid } from '#domain/power/machines/processor-watts.ts';
import { requestOf } from './amounts.ts';
import { defined } from './defined.ts';
import { hamiDevices } from './hami.ts';

type Labels = Readonly<Record<string, string>>;

export function machineFacts(node: Node): MachineFacts {
  const { labels = {}, name = '' } = node.metadata ?? {};
  const { capacity = {} } = node.status ?? {};
  return {
    node: name,
    ...defined({
      startedMs: createdMs(node),
      instanceType: labels['node.kubernetes.io/instance-type'] ?? labels['beta.kubernetes.io/instance-type'],
      processor: processorOf(labels),
      cpuCores: requestOf(capacity['cpu']),
      memoryBytes: requestOf(capacity['memory']),
    }),
    accelerators: accelerators(node).facts,
    aliases: aliasesOf(node).filter((alias) => alias !== '' && alias !== name),
  };
}

function createdMs({ metadata }: Node): number | undefined {
  const ms = Date.parse(metadata?.creationTimestamp ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

function aliasesOf({ metadata, status }: Node): readonly string[] {
  const addresses = (status?.addresses ?? []).map(({ address }) => address);
  return [...new Set([...addresses, metadata?.labels?.['kubernetes.io/hostname'] ?? ''])];
}

/** Labels of node feature discovery. */
function processorOf(labels: Labels): string | undefined {
  const [vendor = '', family = '', model = ''] = ['vendor_id', 'family', 'id'].map(
    (field) => labels[`feature.node.kubernetes.io/cpu-model.${field}`],
  );
  return processorByCpuid(vendor, family, model);
}

interface Accelerators {
  readonly facts: readonly AcceleratorFacts[];
  /** MiB by UUID, where a node tells. */
  readonly memoryOfDevice: readonly (readonly [string, number])[];
}

/** What the labels of a vendor's discovery say its devices are. */
const MODEL_LABELS: Readonly<Record<string, readonly string[]>> = {
  nvidia: ['nvidia.com/gpu.product', 'cloud.google.com/gke-accelerator', 'k8s.amazonaws.com/accelerator'],
  amd: ['amd.com/gpu.product-name', 'amd.com/gpu.device-id'],
  rebellions: ['rebellions.ai/npu.product'],
  furiosa: ['furiosa.ai/npu.product'],
};

export function accelerators({ metadata, status }: Node): Accelerators {
  const { labels = {}, annotations = {} } = metadata ?? {};
  const memoryOfDevice = hamiDevices(annotations);
  const slots = slotsByVendor(status?.capacity ?? {});
  const facts = [...slots].map(([vendor, { part, count }]) => ({
    part,
    vendor,
    count: (vendor === 'nvidia' ? nvidiaBoards(labels, memoryOfDevice.length) : undefined) ?? count,
    ...defined({
      model: (MODEL_LABELS[vendor] ?? []).map((label) => labels[label]).find((text) => text !== undefined),
    }),
  }));
  return { facts, memoryOfDevice };
}

type Slots = Pick<AcceleratorFacts, 'part' | 'count'>;

function slotsByVendor(capacity: Readonly<Record<string, string>>): ReadonlyMap<string, Slots> {
  const slots = new Map<string, Slots>();
  for (const [resource, amount] of Object.entries(capacity)) {
    const part = partOfResource(resource);
    const count = requestOf(amount) ?? 0;
    if (part === undefined || count <= 0) continue;
    const vendor = vendorOf(resource);
    slots.set(vendor, { part, count: (slots.get(vendor)?.count ?? 0) + count });
  }
  return slots;
}

/** Boards, however many slots time-slicing or HAMi makes of them; undefined where nothing tells. */
function nvidiaBoards(labels: Labels, hamiBoards: number): number | undefined {
  const counted = Number(labels['nvidia.com/gpu.count'] ?? hamiBoards);
  return counted > 0 ? counted : undefined;
}

function vendorOf(resource: string): string {
  return resource.split('/')[0]?.split('.')[0] ?? '';
}

const NOT_DEVICES = /mem|cores|shared-memory|bandwidth/;

/** Which part of a machine an extended resource is; undefined for what is no device (HAMi's `gpumem`, hugepages). */
export function partOfResource(resource: string): 'gpu' | 'npu' | undefined {
  const [domain = '', name = ''] = resource.split('/');
  if (name === '' || NOT_DEVICES.test(name)) return undefined;
  if (/^(nvidia|amd)\.com$/.test(domain))
    return name.startsWith('gpu') || name.startsWith('mig-') ? 'gpu' : undefined;
  return /^(rebellions|furiosa)\.ai$/.test(domain) ? 'npu' : undefined;
}
