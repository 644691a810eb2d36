/** What sinks are given: the samples of one collection. A value that is not known is absent, never zero. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

const Sample = Type.Object({
  kind: Type.String(),
  group: Type.String(),
  tags: Type.Record(Type.String(), Type.String()),
  fields: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String()])),
});

const Batch = Type.Object({ atMs: Type.Integer(), samples: Type.Array(Sample) });

export interface PowerSample {
  /** `container`, `node` or `device`. */
  readonly kind: string;
  /** What goes to a sink in one piece: the namespace of containers, `nodes`, `devices`. */
  readonly group: string;
  /** What tells it from the other samples of its kind and time. */
  readonly tags: Readonly<Record<string, string>>;
  /** Finite numbers and texts. */
  readonly fields: Readonly<Record<string, number | string>>;
}

export interface SampleBatch {
  /** The time of every sample; with the tags it is their identity. */
  readonly atMs: number;
  readonly samples: readonly PowerSample[];
}

const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export function packBatch(batch: SampleBatch): Uint8Array {
  return zstdCompressSync(JSON.stringify(batch), FAST);
}

/** Throws where the bytes are no batch. */
export function unpackBatch(bytes: Uint8Array): SampleBatch {
  return Value.Parse(Batch, JSON.parse(zstdDecompressSync(bytes).toString('utf8')));
}

/** The samples by group, in the order of their first sample. */
export function groupsOf(batch: SampleBatch): ReadonlyMap<string, readonly PowerSample[]> {
  return Map.groupBy(batch.samples, ({ group }) => group);
}
