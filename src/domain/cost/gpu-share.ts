/**
 * GPUs counted in whole devices, however they are handed out: whole, time-sliced or by MPS (NVIDIA device plugin), as
 * MIG slices, or as the fractions of HAMi. What a machine offers and what a pod holds are in the same unit, so that
 * eight pods on one eight-fold shared GPU pay for one GPU and not for eight.
 *
 * Sources: labels of NVIDIA GPU feature discovery (docs/gpu-feature-discovery of the k8s-device-plugin); MIG profiles
 * `<compute slices>g.<memory>gb` of seven compute slices (MIG user guide); HAMi resources `nvidia.com/gpumem` (MiB per
 * virtual GPU), `gpumem-percentage` and `gpucores` (percent of the card), its node annotation of registered cards.
 */
import type { Container, Node, PodSpec } from '#apis/kubernetes/builtin.ts';
import { quantityToNumber, tryParseQuantity } from '#apis/kubernetes/quantity.ts';
import { sizedContainers } from '../change/workload-objects.ts';

type Amounts = Readonly<Record<string, unknown>>;
type Labels = Readonly<Record<string, string>>;

/** What a node offers, and what one unit of its GPU resource amounts to. */
export interface NodeGpus {
  /** Whole devices in the machine. */
  readonly devices: number;
  readonly product: string | undefined;
  /** Of one whole device, where known. */
  readonly memoryMib: number | undefined;
  /** The part of a device that one `nvidia.com/gpu` is; less than 1 where it is shared or a MIG slice. */
  readonly unit: number;
}

/** Resources of which one is one whole device. */
const WHOLE_DEVICES = [
  'amd.com/gpu',
  'gpu.intel.com/i915',
  'gpu.intel.com/xe',
  'habana.ai/gaudi',
  'rebellions.ai/ATOM',
  'furiosa.ai/npu',
  'furiosa.ai/warboy',
  'furiosa.ai/rngd',
] as const;

/** The annotation in which HAMi tells the cards of a node. */
export const HAMI_CARDS = 'hami.io/node-nvidia-register';

const MIG = /^nvidia\.com\/mig-(\d+)g\.(\d+)gb/;
const COMPUTE_SLICES = 7;
const MIB_PER_GIB = 1024;
/** Slices that fill a device sum to 1 but for the dust of floating point. */
const DUST = 1e-6;

export function nodeGpus({ metadata, status }: Node): NodeGpus {
  const { labels = {}, annotations = {} } = metadata ?? {};
  const capacity = status?.capacity ?? {};
  const whole = WHOLE_DEVICES.reduce((sum, name) => sum + amount(capacity, name), 0);
  const product = productOf(labels);
  const hami = hamiCards(annotations[HAMI_CARDS]);
  if (hami !== undefined) {
    return { devices: hami.devices + whole, product, memoryMib: hami.memoryMib, unit: 1 };
  }
  const sharing = sharingOf(labels);
  const { memoryMib, unit } = sharing;
  return { devices: whole + nvidiaDevices(labels, capacity, sharing), product, memoryMib, unit };
}

function sharingOf(labels: Labels): Sharing {
  const slice = singleSlice(labels);
  if (slice !== undefined) return { unit: slice.share, memoryMib: slice.deviceMib, sliced: true };
  const unit = 1 / (count(labels['nvidia.com/gpu.replicas']) ?? 1);
  return { unit, memoryMib: count(labels['nvidia.com/gpu.memory']), sliced: false };
}

/** Without what MIG and sharing add to the name. */
function productOf(labels: Labels): string | undefined {
  return labels['nvidia.com/gpu.product']?.replace(/(-MIG-.*|-SHARED)$/, '');
}

interface Sharing {
  readonly unit: number;
  readonly memoryMib: number | undefined;
  /** True where every device is cut into equal MIG slices that are called `nvidia.com/gpu`. */
  readonly sliced: boolean;
}

function nvidiaDevices(labels: Labels, capacity: Amounts, { unit, memoryMib, sliced }: Sharing): number {
  const plain = amount(capacity, 'nvidia.com/gpu') + amount(capacity, 'nvidia.com/gpu.shared');
  const migs = Object.keys(capacity).filter((name) => MIG.test(name));
  const labelled = sliced || migs.length > 0 ? undefined : count(labels['nvidia.com/gpu.count']);
  if (labelled !== undefined && plain > 0) return labelled;
  const sum = (share: (name: string) => number): number =>
    migs.reduce((total, name) => total + share(name) * amount(capacity, name), 0);
  const byCompute = wholes(sum((name) => computeShare(name)));
  const byMemory = wholes(sum((name) => memoryShare(name, memoryMib)));
  return wholes(plain * unit) + Math.max(byCompute, byMemory);
}

function wholes(devices: number): number {
  return Math.ceil(devices - DUST);
}

/** Compute slices of seven. */
function computeShare(resource: string): number {
  return Number(MIG.exec(resource)?.[1] ?? 0) / COMPUTE_SLICES;
}

function memoryShare(resource: string, deviceMib: number | undefined): number {
  if (deviceMib === undefined) return 0;
  // A profile's name rounds its memory; the device's label does not.
  return Math.min(1, Number(MIG.exec(resource)?.[2] ?? 0) / Math.round(deviceMib / MIB_PER_GIB));
}

/** The part of a device that nobody else can use: the larger of its compute and memory. */
function migShare(resource: string, deviceMib: number | undefined): number {
  return Math.min(1, Math.max(computeShare(resource), memoryShare(resource, deviceMib)));
}

/** With the MIG strategy `single`, `nvidia.com/gpu` is a slice, named in the product, e.g. `A100-SXM4-40GB-MIG-1g.5gb`. */
function singleSlice(labels: Labels): { share: number; deviceMib: number | undefined } | undefined {
  const product = labels['nvidia.com/gpu.product'] ?? '';
  const [, card = '', profile] = /^(.*)-MIG-(\d+g\.\d+gb)/.exec(product) ?? [];
  if (profile === undefined) return undefined;
  const gigabytes = count(/(\d+)GB/.exec(card)?.[1]);
  const deviceMib = gigabytes === undefined ? undefined : gigabytes * MIB_PER_GIB;
  return { share: migShare(`nvidia.com/mig-${profile}`, deviceMib), deviceMib };
}

/** The cards that HAMi registered: JSON, or `uuid,split,MiB,…:` in its older form. Undefined where it did not. */
function hamiCards(text: string | undefined): { devices: number; memoryMib: number | undefined } | undefined {
  if (text === undefined) return undefined;
  const memories = text.startsWith('[') ? jsonCards(text) : legacyCards(text);
  return memories.length === 0 ? undefined : { devices: memories.length, memoryMib: memories[0] };
}

function jsonCards(text: string): (number | undefined)[] {
  try {
    const cards = JSON.parse(text) as unknown;
    return Array.isArray(cards) ? cards.map((card: { devmem?: unknown } | null) => count(card?.devmem)) : [];
  } catch {
    return [];
  }
}

function legacyCards(text: string): (number | undefined)[] {
  const cards = text.split(':').filter((card) => card.includes(','));
  return cards.map((card) => count(card.split(',')[2]));
}

/** The GPUs that a pod of this spec holds on such a node, in whole devices. */
export function podGpus(spec: PodSpec | undefined, node: Pick<NodeGpus, 'memoryMib' | 'unit'>): number {
  return sizedContainers(spec).reduce((sum, { container }) => sum + containerGpus(container, node), 0);
}

function containerGpus({ resources }: Container, node: Pick<NodeGpus, 'memoryMib' | 'unit'>): number {
  const asked: Amounts = { ...resources?.limits, ...resources?.requests };
  const virtual = amount(asked, 'nvidia.com/gpu');
  const fraction = hamiFraction(asked, node.memoryMib);
  const plain = fraction === undefined ? virtual * node.unit : Math.max(1, virtual) * fraction;
  const shared = amount(asked, 'nvidia.com/gpu.shared') * node.unit;
  const slices = Object.keys(asked).filter((name) => MIG.test(name));
  return (
    plain +
    shared +
    slices.reduce((sum, name) => sum + amount(asked, name) * migShare(name, node.memoryMib), 0) +
    WHOLE_DEVICES.reduce((sum, name) => sum + amount(asked, name), 0)
  );
}

/** The part of a card that one virtual GPU of HAMi holds; undefined where none is asked for. Without memory: all of it. */
function hamiFraction(asked: Amounts, deviceMib: number | undefined): number | undefined {
  const mib = amount(asked, 'nvidia.com/gpumem');
  const percent = amount(asked, 'nvidia.com/gpumem-percentage');
  const cores = amount(asked, 'nvidia.com/gpucores') / 100;
  if (mib === 0 && percent === 0) return cores === 0 ? undefined : 1;
  if (mib > 0 && deviceMib === undefined) return cores === 0 ? undefined : Math.min(1, cores);
  const memory = mib > 0 ? mib / (deviceMib ?? mib) : percent / 100;
  return Math.min(1, Math.max(memory, cores));
}

function amount(amounts: Amounts, name: string): number {
  const text = amounts[name];
  if (typeof text !== 'string' && typeof text !== 'number') return 0;
  const quantity = tryParseQuantity(text);
  return quantity === undefined ? 0 : Math.max(0, quantityToNumber(quantity));
}

function count(value: unknown): number | undefined {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isFinite(number) && number > 0 ? number : undefined;
}
