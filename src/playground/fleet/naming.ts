/** Names and hashes that Kubernetes components make. */
import { type Random, hashText, randomInt } from '#platform/random.ts';

/** No vowels and no digits that look like them, so that no words arise (apimachinery rand.go). */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

/** The five characters that `generateName` appends. */
export function randomSuffix(random: Random): string {
  return Array.from({ length: 5 }, () => SAFE[randomInt(random, SAFE.length)] ?? 'x').join('');
}

/**
 * A short hash of a template. The real one hashes Go's printout of the struct, which nothing else can repeat;
 * all that counts is that equal templates have equal hashes and that the text is a valid label.
 */
export function templateHash(template: unknown, collisions = 0): string {
  const text = stableText(template) + (collisions > 0 ? `#${collisions}` : '');
  return String(hashText(text)).replace(/./g, (digit) => SAFE[digit.charCodeAt(0) % SAFE.length] ?? 'x');
}

/** JSON with sorted names, without members that are undefined or null. */
export function stableText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableText).join(',')}]`;
  if (typeof value !== 'object' || value === null)
    return value === undefined ? 'null' : JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined && member !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${stableText(member)}`);
  return `{${members.join(',')}}`;
}
