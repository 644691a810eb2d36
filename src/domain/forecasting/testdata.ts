/** Reproducible noise for the tests of this folder. */

/** Numbers in [0, 1) from a multiplicative congruential generator (Park & Miller 1988). */
export function jitter(seed: number): () => number {
  let state = (seed * 16807) % 2147483647;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
