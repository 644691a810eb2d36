/** IP addresses as bytes, as certificates carry them. */
import { isIPv4, isIPv6 } from 'node:net';

/** 4 or 16 bytes. Throws RangeError where the text is not an IP address. */
export function ipBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number);
  if (isIPv6(address) && !address.includes('%')) return ipv6Bytes(address);
  throw new RangeError(`"${address}" is not an IP address`);
}

function ipv6Bytes(address: string): Uint8Array {
  // URL writes an embedded IPv4 address and all else as canonical groups of hexadecimal digits.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return Uint8Array.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => parseInt(group, 16));
}
