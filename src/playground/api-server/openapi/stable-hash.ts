/** A hash of a text for addresses of documents: equal for equal texts, in every process. */
import { createHash } from 'node:crypto';

export function stableHash(text: string): string {
  return createHash('sha512').update(text).digest('hex').toUpperCase();
}
