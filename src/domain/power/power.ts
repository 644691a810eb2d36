/**
 * Watts as bills and decisions read them: by container, node and device, each with where it comes from and how old it
 * is. Sources (Prometheus with its exporters, the model from utilisation) deliver exactly this shape. What is not known
 * is absent and named among the problems; it is never zero.
 */

/** Measured by an exporter, computed by a model from utilisation, or taken from a default without any evidence. */
export type PowerOrigin = 'measured' | 'modelled' | 'default';

/** What draws the power. `other` is what a platform draws beyond its CPU, memory and accelerators. */
export const POWER_PARTS = ['cpu', 'dram', 'gpu', 'npu', 'other'] as const;
export type PowerPart = (typeof POWER_PARTS)[number];

/** Watts by part; a part that nobody measures or models is absent. */
export type PartWatts = Readonly<Partial<Record<PowerPart, number>>>;

/** What every figure carries. A figure made of several has the weakest origin and the oldest time among them. */
export interface PowerEvidence {
  readonly origin: PowerOrigin;
  /** The exporters or models behind it, sorted: `kepler`, `kepler-legacy`, `dcgm`, `amd`, `rebellions`, `furiosa`, `scaphandre`, `utilisation-model`. */
  readonly sources: readonly string[];
  /** When the oldest sample behind it was taken. */
  readonly atMs: number;
}

export interface ContainerRef {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

export interface ContainerPower extends ContainerRef, PowerEvidence {
  readonly podUid?: string;
  /** The node it runs on, where known. */
  readonly node?: string;
  /** What it draws by what it does, in watts. */
  readonly activeWatts: number;
  /** Its share of what its node draws when idle, in watts. */
  readonly idleWatts: number;
  /** The active watts by part; they sum to `activeWatts`. */
  readonly parts: PartWatts;
}

export interface NodePower extends PowerEvidence {
  readonly node: string;
  /** All that it draws: `activeWatts + idleWatts`. */
  readonly watts: number;
  readonly activeWatts: number;
  readonly idleWatts: number;
  /** What no container accounts for (system, kubelet, idle left over): `watts − Σ containers`. */
  readonly systemWatts: number;
  /** All watts by part; they sum to `watts`. */
  readonly parts: PartWatts;
  /** Where the line between active and idle comes from, where that is weaker than the origin of the watts. */
  readonly splitOrigin?: PowerOrigin;
}

/**
 * How the watts of a device came to its sharers: it had one (`whole`), by what each was measured to use (`use`), by what
 * each was given of it (`share`), or evenly since nothing else is known (`equal`).
 */
export type DeviceSplit = 'whole' | 'use' | 'share' | 'equal';

/** One GPU, NPU or slice of one. The sharers' watts and `idleWatts` sum to `watts`. */
export interface DevicePower extends PowerEvidence {
  readonly node: string;
  readonly uuid: string;
  readonly part: 'gpu' | 'npu';
  readonly vendor: string;
  readonly model?: string;
  readonly watts: number;
  /** What no sharer accounts for. */
  readonly idleWatts: number;
  readonly sharers: readonly (ContainerRef & { readonly watts: number })[];
  /** How the sharers' watts were found; absent where nobody holds the device. */
  readonly splitBy?: DeviceSplit;
}

/** Something that is not known, and why. */
export interface PowerProblem {
  /** The node, pod or exporter it is about. */
  readonly subject: string;
  readonly reason: 'Missing' | 'Stale' | 'NotFinite' | 'Negative' | 'Ambiguous' | 'Inconsistent';
  readonly message: string;
}

export interface PowerSnapshot {
  readonly atMs: number;
  readonly containers: readonly ContainerPower[];
  readonly nodes: readonly NodePower[];
  readonly devices: readonly DevicePower[];
  readonly problems: readonly PowerProblem[];
}

export interface PowerQuery {
  /** Only containers of this namespace; nodes and devices are always whole. */
  readonly namespace?: string;
  readonly atMs: number;
  /** Counters become watts over this time. */
  readonly windowMs: number;
}

export interface PowerHistoryQuery {
  readonly namespace?: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/**
 * Where power is read. Rejects with KC_METRICS_UNAVAILABLE where the source is down: that is unknown, not zero watts.
 * A history has one snapshot per whole step, each at the end of its step.
 */
export interface PowerSource {
  readonly name: string;
  current(query: PowerQuery): Promise<PowerSnapshot>;
  history(query: PowerHistoryQuery): Promise<readonly PowerSnapshot[]>;
}
