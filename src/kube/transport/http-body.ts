/** Reads the bodies of HTTP answers. */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const decompress = promisify(gunzip);

/** The whole body as text, decompressed where it came compressed. Rejects where the connection breaks. */
export async function readText(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  const whole = Buffer.concat(parts);
  const isCompressed = message.headers['content-encoding'] === 'gzip';
  return (isCompressed ? await decompress(whole) : whole).toString('utf8');
}

/** Header fields as single texts. */
export function plainHeaders(message: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
