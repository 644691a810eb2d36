/** What a move to spot nodes adds to the watch and to the status. */
import { describeWorkload } from '#domain/workload/workload-ref.ts';
import { judgeSpot } from '#domain/spot/judge-spot.ts';
import { splitUnder } from '#domain/spot/split.ts';
import { readRule } from '#domain/spot/spot-fields.ts';
import type { HealthFacts, Verdict } from '#domain/verification/verification.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { Draft } from './decision.ts';
import type { Observation, SpotObservation } from './observation.ts';

/** The verdict of the general watch, as it counts for a move to spot; unchanged for anything else. */
export function judged(o: Observation, facts: HealthFacts, verdict: Verdict): Verdict {
  if (o.spot === undefined || o.entry === undefined) return verdict;
  return judgeSpot(verdict, facts, {
    onSpot: podsOnSpot(o.spot),
    expectedOnSpot: expectedOnSpot(o.spot),
    interruptionsLastDay: o.spot.memory.interruptions.length,
    maxInterruptionsPerDay: o.policy.spot.maxInterruptionsPerDay,
  });
}

function podsOnSpot({ question }: SpotObservation): number {
  const names = new Set(question.nodes.filter(({ capacity }) => capacity === 'spot').map(({ name }) => name));
  return question.hosts.filter((name) => names.has(name)).length;
}

function expectedOnSpot({ question }: SpotObservation): number {
  const { label, present, replicas } = question;
  const rule = label === undefined ? undefined : readRule(present, label);
  return rule === undefined ? 0 : Math.floor(splitUnder(rule, replicas).spot * 0.9);
}

/** Shows where the pods run, and remembers the interruptions: before anything else, whatever is decided then. */
export function reportSpot(o: Observation, draft: Draft): void {
  const { spot } = o;
  if (spot === undefined) return;
  const known = o.optimization.status?.spot?.interruptions ?? [];
  const fresh = spot.memory.interruptions.filter(
    ({ uid }) => !known.some((interruption) => interruption.uid === uid),
  );
  for (const { node, why } of fresh) {
    draft.note(
      'Warning',
      'SpotInterrupted',
      `node ${node} under ${describeWorkload(o.policy.target)} is taken away: ${why}`,
    );
  }
  const onSpot = podsOnSpot(spot);
  draft.set({
    spot: {
      ...(spot.question.label === undefined ? {} : { provider: spot.question.label.provider }),
      onSpot,
      onDemand: spot.question.hosts.length - onSpot,
      nodes: spot.memory.nodes,
      interruptions: spot.memory.interruptions.map(({ atMs, node, uid, why }) => ({
        at: rfc3339(atMs),
        node,
        uid,
        why,
      })),
    },
  });
}
