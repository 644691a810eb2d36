/** What figures made of several figures rest on. */
import type { PowerEvidence, PowerOrigin } from './power.ts';

const STRENGTH: readonly PowerOrigin[] = ['default', 'modelled', 'measured'];

/** The weakest of two origins. */
export function weaker(a: PowerOrigin, b: PowerOrigin): PowerOrigin {
  return STRENGTH.indexOf(a) < STRENGTH.indexOf(b) ? a : b;
}

/** The weakest origin, all sources, the oldest time. Of nothing at all: a default of no time. */
export function mergedEvidence(all: readonly PowerEvidence[]): PowerEvidence {
  const [first, ...others] = all;
  if (first !== undefined && others.length === 0) return evidenceOf(first);
  return {
    origin: first === undefined ? 'default' : all.map(({ origin }) => origin).reduce(weaker),
    sources: [...new Set(all.flatMap(({ sources }) => sources))].sort(),
    atMs: Math.min(...all.map(({ atMs }) => atMs)),
  };
}

/** Only the evidence of something that has more fields. */
export function evidenceOf({ origin, sources, atMs }: PowerEvidence): PowerEvidence {
  return { origin, sources, atMs };
}
