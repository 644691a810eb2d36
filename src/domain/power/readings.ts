/** What one exporter, or the model, says of a node or a device before it is put together. */
import type { ContainerRef, PartWatts, PowerEvidence } from './power.ts';

/** Watts and what of them is drawn at idle; undefined where the exporter does not tell. */
export interface Draw {
  readonly watts: number;
  readonly idleWatts?: number;
}

export interface ContainerReading extends ContainerRef {
  /** Active watts of the host's own parts; accelerators are told by their devices. */
  readonly parts: Pick<PartWatts, 'cpu' | 'dram'>;
}

/** A node without its accelerators, as one source saw it. With none of cpu, dram and platform only its accelerators are known. */
export interface NodeReading extends PowerEvidence {
  readonly node: string;
  readonly cpu?: Draw;
  readonly dram?: Draw;
  /** The whole machine (Redfish, ACPI, psys), from which what is beyond its parts follows. */
  readonly platform?: Draw & {
    /** Redfish and ACPI measure the wall, with accelerators; psys only what is on the board. */
    readonly includesDevices: boolean;
  };
  /** Undefined where the source does not split the node. */
  readonly containers?: readonly ContainerReading[];
}

/** A container that holds a device or a part of it. */
export interface DeviceHolder extends ContainerRef {
  /** 0–1 of the device that it was given. */
  readonly share?: number;
  /** What it was measured to use, in a unit that is the same for all holders. */
  readonly use?: number;
}

export interface DeviceReading extends PowerEvidence {
  readonly node: string;
  readonly uuid: string;
  readonly part: 'gpu' | 'npu';
  readonly vendor: string;
  readonly model?: string;
  readonly watts: number;
  /** What it draws at idle, where the source tells. */
  readonly idleWatts?: number;
  readonly holders: readonly DeviceHolder[];
}

/** What the exporters say at one time. */
export interface PowerReadings {
  readonly nodes: readonly NodeReading[];
  readonly devices: readonly DeviceReading[];
}
