/** Reads the fields of a protobuf message, one after another. */

/** A number of a varint field, the bytes of a length-delimited one, or a floating point number. */
export type WireValue = bigint | Uint8Array | number;

export interface WireField {
  readonly number: number;
  readonly value: WireValue;
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Thrown where the bytes are no protobuf message. */
export class ProtobufError extends Error {
  constructor(problem: string) {
    super(`proto: ${problem}`);
    this.name = 'ProtobufError';
  }
}

/** All fields of a message in their order. */
export function readFields(message: Uint8Array): readonly WireField[] {
  const cursor = new Cursor(message);
  const fields: WireField[] = [];
  while (!cursor.atEnd()) {
    const tag = Number(cursor.varint());
    fields.push({ number: tag >> 3, value: cursor.value(tag & 7) });
  }
  return fields;
}

/** The bytes of a length-delimited value. */
export function bytesOf(value: WireValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new ProtobufError('wrong wireType for a length-delimited field');
}

class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  atEnd(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#offset];
      if (byte === undefined) throw new ProtobufError('unexpected end of the message');
      this.#offset += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new ProtobufError('integer overflow');
  }

  value(wireType: number): WireValue {
    switch (wireType) {
      case VARINT:
        return this.varint();
      case FIXED64:
        return this.#view.getFloat64(this.#take(8), true);
      case FIXED32:
        return this.#view.getFloat32(this.#take(4), true);
      case BYTES: {
        const length = Number(this.varint());
        const start = this.#take(length);
        return this.#bytes.subarray(start, start + length);
      }
      default:
        throw new ProtobufError(`illegal wireType ${String(wireType)}`);
    }
  }

  /** The offset of the next `length` bytes, which are passed over. */
  #take(length: number): number {
    const start = this.#offset;
    if (length < 0 || start + length > this.#bytes.length) {
      throw new ProtobufError('unexpected end of the message');
    }
    this.#offset = start + length;
    return start;
  }
}
