/** Reading elements of typed arrays where the index is known to be within bounds. */

/** The element, 0 beyond the ends. */
export function at(values: Float64Array, index: number): number {
  return values[index] ?? 0;
}
