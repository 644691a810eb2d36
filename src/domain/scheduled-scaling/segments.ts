/** Cuts a day of needs into few windows: each needs what its neediest half-hour needs, so that fewer cuts cost more. */

export interface DaySegment {
  /** Slots [from, to). */
  readonly from: number;
  readonly to: number;
  readonly replicas: number;
}

/** Two hours: shorter windows save little and move pods twice. */
const SHORTEST_SLOTS = 4;
/** A further cut must save this share of the day: each one is a change of the workload on every such day. */
const WORTH_A_CUT = 0.03;

/** The cheapest cut of the day into segments of at least two hours, each further cut paid for by what it saves. */
export function segmentDay(needs: readonly number[]): readonly DaySegment[] {
  const cutCost = WORTH_A_CUT * Math.max(...needs) * needs.length;
  const best: { readonly cost: number; readonly from: number; readonly replicas: number }[] = [
    { cost: -cutCost, from: 0, replicas: 0 },
  ];
  for (let to = 1; to <= needs.length; to += 1) best.push(cheapestEnd(needs, best, { to, cutCost }));
  const segments: DaySegment[] = [];
  for (let to = needs.length; to > 0;) {
    const last = best[to];
    if (last === undefined || last.cost === Infinity)
      return [{ from: 0, to: needs.length, replicas: Math.max(...needs) }];
    segments.unshift({ from: last.from, to, replicas: last.replicas });
    to = last.from;
  }
  return segments;
}

interface End {
  readonly to: number;
  readonly cutCost: number;
}

function cheapestEnd(
  needs: readonly number[],
  best: readonly { readonly cost: number }[],
  { to, cutCost }: End,
): { readonly cost: number; readonly from: number; readonly replicas: number } {
  let found = { cost: Infinity, from: 0, replicas: 0 };
  let replicas = 0;
  for (let from = to - 1; from >= 0; from -= 1) {
    replicas = Math.max(replicas, needs[from] ?? 0);
    if (to - from < SHORTEST_SLOTS) continue;
    const cost = (best[from]?.cost ?? Infinity) + replicas * (to - from) + cutCost;
    if (cost < found.cost) found = { cost, from, replicas };
  }
  return found;
}
