/** A series of numbers as one line of blocks. */

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/**
 * The last `width` values, drawn between zero and `ceiling`, the highest of them where absent. What is not finite is a
 * gap, never a zero.
 */
export function sparkline(values: readonly number[], width: number, ceiling?: number): string {
  const shown = values.slice(-Math.max(0, width));
  const highest = ceiling ?? Math.max(0, ...shown.filter(Number.isFinite));
  return shown.map((value) => block(value, highest)).join('');
}

/** At most `count` values, evenly picked, the newest among them. */
export function condensed(values: readonly number[], count: number): readonly number[] {
  if (values.length <= count) return values;
  const step = values.length / Math.max(1, count);
  return Array.from({ length: count }, (_, index) => values[Math.ceil((index + 1) * step) - 1] ?? NaN);
}

function block(value: number, highest: number): string {
  if (!Number.isFinite(value)) return ' ';
  const share = highest > 0 ? Math.min(1, Math.max(0, value / highest)) : 0;
  return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(share * BLOCKS.length))] ?? ' ';
}

/** A bar of `width` columns of which `share` (0–1) is full. */
export function progressBar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '━'.repeat(full) + '─'.repeat(width - full);
}
