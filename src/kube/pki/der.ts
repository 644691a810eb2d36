/** The few shapes of DER (X.690) that a certificate is written in. */

function encode(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag]), encodeLength(content.length), content]);
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = Buffer.from(bigEndian(BigInt(length)));
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

function bigEndian(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 0xffn));
  return bytes.length === 0 ? [0] : bytes;
}

export function sequence(...items: readonly Uint8Array[]): Buffer {
  return encode(0x30, Buffer.concat(items));
}

export function set(...items: readonly Uint8Array[]): Buffer {
  return encode(0x31, Buffer.concat(items));
}

/** A non-negative integer, given by its bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const firstAt = bytes.findIndex((byte) => byte !== 0);
  const digits = firstAt < 0 ? Uint8Array.of(0) : bytes.subarray(firstAt);
  const isHigh = (digits[0] ?? 0) >= 0x80;
  return encode(0x02, isHigh ? Buffer.concat([Buffer.of(0), digits]) : digits);
}

export function boolean(value: boolean): Buffer {
  return encode(0x01, Uint8Array.of(value ? 0xff : 0));
}

/** An object identifier such as `2.5.4.3`. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return encode(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

export function utf8Text(value: string): Buffer {
  return encode(0x0c, Buffer.from(value));
}

export function octets(content: Uint8Array): Buffer {
  return encode(0x04, content);
}

/** A bit string; `unused` is the number of bits of the last byte that do not count. */
export function bits(content: Uint8Array, unused = 0): Buffer {
  return encode(0x03, Buffer.concat([Buffer.of(unused), content]));
}

/** UTCTime up to 2049 and GeneralizedTime from then on, as RFC 5280 wants it. */
export function time(epochMs: number): Buffer {
  const digits = new Date(epochMs).toISOString().replace(/\D/g, '').slice(0, 14);
  return digits < '20500101'
    ? encode(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : encode(0x18, Buffer.from(`${digits}Z`));
}

/** A context-specific tag around other values. */
export function tagged(number: number, content: Uint8Array): Buffer {
  return encode(0xa0 | number, content);
}

/** A context-specific tag in place of a primitive value's own. */
export function taggedPrimitive(number: number, content: Uint8Array): Buffer {
  return encode(0x80 | number, content);
}
