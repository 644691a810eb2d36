/** Whole numbers as bytes: seven bits per byte, small ones short; signed ones zigzag (0, −1, 1, −2 …). */

const CONTINUES = 0x80;
/** Numbers are written with arithmetic, since JavaScript's shifts end at 32 bits. */
const PER_BYTE = 128;

export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** A whole number from 0 to 2⁵³−1. */
  unsigned(value: number): void {
    let rest = value;
    while (rest >= PER_BYTE) {
      this.#byte((rest % PER_BYTE) | CONTINUES);
      rest = Math.floor(rest / PER_BYTE);
    }
    this.#byte(rest);
  }

  /** A whole number from −2⁵² to 2⁵²−1. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  #byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Throws RangeError at the end of the bytes or where no number can stand. */
  unsigned(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined || scale > Number.MAX_SAFE_INTEGER)
        throw new RangeError('the bytes end within a number');
      this.#at += 1;
      value += (byte % PER_BYTE) * scale;
      if (byte < CONTINUES) return value;
      scale *= PER_BYTE;
    }
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }
}
