/**
 * Whether a workload should move to spot nodes: who may, how many pods, what it saves, how sure that is. The answer
 * is the same kind of value as that of right-sizing, so that gates, steps, apply, watch and rollback are the same.
 */
import type { Evidence } from '#apis/optimization.k8s.io/v1/status.ts';
import { type FieldMap, sameValue } from '../change/field.ts';
import { HOURS_PER_MONTH } from '../cost/resource-prices.ts';
import { podFootprint } from '../cost/workload-cost.ts';
import type { Analysis, AnalysisRecord, Assessment } from '../recommendation/analysis.ts';
import { approximateDuration } from '../units/duration.ts';
import type { CapacityLabel } from './capacity-label.ts';
import { calmDayProbability } from './confidence.ts';
import { restUntilMs } from './cool-down.ts';
import { obstaclesOf } from './obstacles.ts';
import { floorOf, ruleFor, type Split, type SplitRule, splitUnder, stepTowards } from './split.ts';
import { readRule, ruleFields, spreadPath, type SpreadScope, tolerationField } from './spot-fields.ts';
import { capacityTaints, placesFor, podSpecOf, type SpotQuestion } from './spot-question.ts';
import { type SpotPrices, spotPrices } from './spot-prices.ts';
import { spotRisk } from './spot-risk.ts';

export function analyzeSpot(question: SpotQuestion): Analysis {
  const record = recordOf(question);
  const obstacles = obstaclesOf(question);
  if (obstacles.length > 0) {
    const message = `not suited for spot nodes: ${obstacles.map((obstacle) => obstacle.message).join('; ')}`;
    const alternatives = obstacles.map(({ rule, message: why }) => ({
      action: 'spot_migration',
      verdict: `refused: ${rule}`,
      why,
    }));
    return { ...record, alternatives, outcome: 'nothing', message };
  }
  const { label } = question;
  if (label === undefined || placesFor(question, 'spot').length === 0) {
    return { ...record, outcome: 'unknown', reason: 'NoSpotCapacity', message: missingCapacity(label) };
  }
  const prices = spotPrices(question);
  if (prices === undefined) {
    const message =
      'the prices of its on-demand and of the spot nodes are not both listed: no saving can be claimed (--price-list, "<type>" and "<type>/spot")';
    return { ...record, outcome: 'unknown', reason: 'SpotPriceUnknown', message };
  }
  const restUntil = restUntilMs(question.harmedAtMs);
  if (question.nowMs < restUntil) {
    const message = `it rests ${approximateDuration(restUntil - question.nowMs)} more: moves to spot were rolled back before`;
    return { ...record, outcome: 'nothing', message };
  }
  return propose({ ...question, label }, record, prices);
}

function missingCapacity(label: CapacityLabel | undefined): string {
  return label === undefined
    ? 'no node of the cluster is marked as spot; name your own label in spec.spot.nodeLabel'
    : 'no spot node takes its pods: none is ready, large enough and free of other taints';
}

type Labelled = SpotQuestion & { readonly label: CapacityLabel };

function propose(question: Labelled, record: AnalysisRecord, prices: SpotPrices): Analysis {
  const { replicas, minReplicas, policy } = question;
  if (prices.spotUsdPerPodHour >= prices.onDemandUsdPerPodHour) {
    return { ...record, outcome: 'nothing', message: 'spot nodes are no cheaper here at present' };
  }
  const floor = floorOf(policy.spot.minOnDemand, minReplicas);
  const target = { spot: minReplicas - floor, onDemand: floor };
  const present = presentSplit(question, minReplicas);
  if (isThere(present, target)) {
    return { ...record, outcome: 'nothing', message: `${describe(splitNow(question))} as wanted` };
  }
  const step = stepTowards(present, target, policy.maxChangePercent);
  const monthlyUsdOf = (fields: FieldMap): number => {
    const rule = readRule({ ...question.present, ...fields }, question.label);
    const split =
      Object.keys(fields).length === 0 || rule === undefined
        ? splitNow(question)
        : splitUnder(rule, replicas);
    return (
      HOURS_PER_MONTH *
      (split.spot * prices.spotUsdPerPodHour + split.onDemand * prices.onDemandUsdPerPodHour)
    );
  };
  return {
    ...record,
    inputs: [...record.inputs, ...prices.evidence],
    outcome: 'wanted',
    type: 'spot_migration',
    wanted: fieldsFor(question, target),
    step: fieldsFor(question, step),
    monthlyUsdOf,
    reasons: [
      `${question.label.provider}: ${describe(splitUnder(ruleFor(target), replicas))} at $${prices.spotUsdPerPodHour.toFixed(4)} instead of $${prices.onDemandUsdPerPodHour.toFixed(4)} per pod and hour`,
      `at least ${String(floor)} of ${String(minReplicas)} pods stay on-demand, or more than ${String(policy.spot.maxInterruptionsPerDay)} interruptions a day take it back`,
    ],
    assess: (fields) => assess(question, fields),
  };
}

/** Pods by the kind of their nodes, as they run now. */
function splitNow({ nodes, hosts, replicas }: SpotQuestion): Split {
  const spotNames = new Set(nodes.filter(({ capacity }) => capacity === 'spot').map(({ name }) => name));
  const spot = Math.min(hosts.filter((name) => spotNames.has(name)).length, replicas);
  return { spot, onDemand: replicas - spot };
}

/** The split that the template leads to. Pods that are on spot nodes by chance are not held there by it. */
function presentSplit({ present, label }: Labelled, replicas: number): Split {
  const rule = readRule(present, label);
  return rule === undefined ? { spot: 0, onDemand: replicas } : splitUnder(rule, replicas);
}

/** A tenth of the pods more or less is not worth a rollout; a floor that does not hold is. */
function isThere(present: Split, target: Split): boolean {
  if (present.onDemand < target.onDemand) return false;
  const total = present.spot + present.onDemand;
  return target.spot - present.spot < Math.max(1, total * 0.1);
}

function describe({ spot, onDemand }: Split): string {
  return `${String(spot)} of ${String(spot + onDemand)} pods on spot nodes`;
}

/** Only what differs from the template as it is. */
function fieldsFor(question: Labelled, split: Split): FieldMap {
  const { label, present } = question;
  const spec = podSpecOf(question);
  const tolerations = placesFor(question, 'spot').flatMap((node) =>
    capacityTaints(node, label, spec).map(tolerationField),
  );
  const rule = ruleFields(ruleOver(question, split), label, scopeOf(question));
  const wanted = Object.assign({}, rule, ...tolerations) as FieldMap;
  return Object.fromEntries(
    Object.entries(wanted).filter(([path, value]) => !sameValue(present[path], value)),
  );
}

/** A constraint of an earlier step is widened until it binds nothing, rather than removed. */
function ruleOver({ present, label }: Labelled, split: Split): SplitRule {
  const rule = ruleFor(split);
  const constrained = typeof present[spreadPath(label)] === 'string';
  return rule.maxSkew === undefined && constrained ? { ...rule, maxSkew: split.spot + split.onDemand } : rule;
}

function scopeOf({ workload, policy }: SpotQuestion): SpreadScope {
  const revisionLabel =
    policy.target.kind === 'Deployment' ? 'pod-template-hash' : 'controller-revision-hash';
  return { selector: workload.spec?.selector, revisionLabel };
}

/** Room that was seen is surer than room that an autoscaler has yet to make. */
const ROOM_UNSEEN = 0.9;

function assess(question: Labelled, fields: FieldMap): Assessment {
  const { replicas, policy, interruptions, harmedAtMs, label, present } = question;
  const rule = readRule({ ...present, ...fields }, label);
  const split = rule === undefined ? splitNow(question) : splitUnder(rule, replicas);
  const most = policy.spot.maxInterruptionsPerDay;
  const nodes = Math.max(1, split.spot);
  const calm = calmDayProbability(nodes, most, {
    // A move that was taken back stands for one interruption more than was allowed.
    interruptions: interruptions.length + harmedAtMs.length * (most + 1),
    nodeHours: 24 * nodes * harmedAtMs.length,
  });
  const risk = spotRisk(question, split);
  return {
    confidence: calm * (hasRoom(question, split.spot) ? 1 : ROOM_UNSEEN),
    risk: risk.level,
    riskFactors: risk.factors.map(({ name, why }) => `${name}: ${why}`),
  };
}

/** True where the spot nodes seen could hold so many pods, were they empty. */
function hasRoom(question: SpotQuestion, pods: number): boolean {
  const pod = podFootprint(question.present);
  const asked = [['cpu', pod.cpuCores ?? 0] as const, ['memory', pod.memoryBytes ?? 0] as const].filter(
    ([, amount]) => amount > 0,
  );
  const room = placesFor(question, 'spot').map((node) =>
    Math.min(...asked.map(([name, amount]) => Math.floor((node.allocatable[name] ?? 0) / amount)), Infinity),
  );
  return room.reduce((sum, each) => sum + each, 0) >= pods;
}

function recordOf(question: SpotQuestion): AnalysisRecord {
  const { nodes, label, nowMs, interruptions } = question;
  const spot = nodes.filter(({ capacity }) => capacity === 'spot');
  const source = label === undefined ? 'node labels' : `node label ${label.key}`;
  const inputs: Evidence[] = [
    { name: 'spot nodes', value: `${String(spot.length)} of ${String(nodes.length)}`, source },
    { name: 'spot nodes that take its pods', value: String(placesFor(question, 'spot').length), source },
    {
      name: 'interruptions in the last day',
      value: String(interruptions.length),
      source: 'nodes under its pods',
    },
  ];
  return {
    atMs: nowMs,
    quality: { samples: nodes.length, coverage: nodes.length === 0 ? 0 : 1, ageSeconds: 0, source: 'nodes' },
    inputs,
    alternatives: [],
    throttledRatio: undefined,
  };
}
