/** The random ends of generated names. */
import { type Random, randomInt } from '#platform/random.ts';

/** Names end in five of these, which form no words. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const LENGTH = 5;

export function randomSuffix(random: Random): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(random, ALPHABET.length)]).join('');
}
