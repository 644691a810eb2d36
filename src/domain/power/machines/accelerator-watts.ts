/**
 * Watts of accelerators at idle and at most. T4, A10, P100, V100 and A100: Lettich et al., "Power- and
 * Fragmentation-aware Online Scheduling for GPU Datacenters" (CCGrid 2025, arXiv 2412.17484), constants of its code. The
 * others: the most is the board power in the vendor's data sheet, idle an eighth of it, the median of that paper's cards.
 */

export interface BoardWatts {
  readonly idle: number;
  readonly max: number;
}

const IDLE_SHARE = 1 / 8;

function board(max: number): BoardWatts {
  return { idle: max * IDLE_SHARE, max };
}

/** The first pattern that a model's name matches; names as DCGM and the discovery labels write them. */
const BOARDS: readonly (readonly [RegExp, BoardWatts])[] = [
  [/\bT4\b/, { idle: 10, max: 70 }],
  [/\bA10\b/, { idle: 30, max: 150 }],
  [/\bP100\b/, { idle: 25, max: 250 }],
  [/\bV100/, { idle: 30, max: 300 }],
  [/\bA100\b/, { idle: 50, max: 400 }],
  [/\bA10G\b/, board(300)],
  [/\bA2\b/, board(60)],
  [/\bA16\b/, board(250)],
  [/\bA30\b/, board(165)],
  [/\bA40\b/, board(300)],
  [/\bA800\b/, board(400)],
  [/\bL4\b/, board(72)],
  [/\bL40S\b/, board(350)],
  [/\bL40\b/, board(300)],
  [/\bH100\b.*\bPCIE\b/, board(350)],
  [/\bH(100|200|800)\b/, board(700)],
  [/\bH20\b/, board(400)],
  [/\bB200\b/, board(1000)],
  [/\bB300\b/, board(1400)],
  [/\bMI210\b/, board(300)],
  [/\bMI250X?\b/, board(560)],
  [/\bMI300A\b/, board(550)],
  [/\bMI300X\b/, board(750)],
  [/\bMI325X\b/, board(1000)],
  [/\bMI355X\b/, board(1400)],
  [/\bRNGD\b/, board(180)],
];

/** Undefined for a model that is not on the list. */
export function acceleratorWatts(model: string): BoardWatts | undefined {
  const name = model.replaceAll('_', '-').toUpperCase();
  return BOARDS.find(([pattern]) => pattern.test(name))?.[1];
}
