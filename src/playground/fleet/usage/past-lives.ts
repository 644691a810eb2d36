/** The past of a container that has run since long ago: its lives between out-of-memory kills. Pure. */
import type { ContainerLimits } from './container-meter.ts';
import { CELL_MS, type ContainerModel } from './container-model.ts';

/** From a start to the kill that ended it; the last life has not ended. */
export interface PastLife {
  readonly bornMs: number;
  readonly endMs: number;
  readonly isKilled: boolean;
}

export interface PastQuestion {
  readonly model: ContainerModel;
  readonly seed: number;
  /** The share of the demand that the pod is taken to have carried all the time. */
  readonly share: number;
  readonly limits: ContainerLimits;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** A kill soon after a start is followed by the longest back-off, any other by a quick restart. */
const SHORT_LIFE_MS = 600_000;
const BACK_OFF_MS = 300_000;
const RESTART_MS = 10_000;

export function pastLives(question: PastQuestion): readonly PastLife[] {
  const { sinceMs, untilMs } = question;
  const lives: PastLife[] = [];
  let bornMs = sinceMs;
  while (bornMs < untilMs) {
    const oomMs = firstOom(question, bornMs);
    if (oomMs === undefined) {
      lives.push({ bornMs, endMs: untilMs, isKilled: false });
      break;
    }
    lives.push({ bornMs, endMs: oomMs, isKilled: true });
    bornMs = oomMs + (oomMs - bornMs < SHORT_LIFE_MS ? BACK_OFF_MS : RESTART_MS);
  }
  return lives;
}

/** What the growth of a container counts from that starts `atMs`: its last life, or that moment. */
export function lastBirth(past: { readonly lives: readonly PastLife[] } | undefined, atMs: number): number {
  const last = past?.lives.at(-1);
  return last === undefined || last.isKilled || last.endMs !== atMs ? atMs : last.bornMs;
}

function firstOom({ model, seed, share, limits, untilMs }: PastQuestion, bornMs: number): number | undefined {
  const { memoryBytes } = limits;
  const place = { seed, share, bornMs };
  if (memoryBytes === undefined || model.mostMemoryBytes(untilMs, place) <= memoryBytes) return undefined;
  for (let atMs = bornMs; atMs < untilMs; atMs = (Math.floor(atMs / CELL_MS) + 1) * CELL_MS) {
    if (model.memoryBytes(atMs, place) > memoryBytes) return atMs;
  }
  return undefined;
}
