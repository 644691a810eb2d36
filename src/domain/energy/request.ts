/** What an energy prediction is asked with, and what can be wrong with it. */
import { type Effort } from '#domain/forecasting/candidates.ts';
import { type ContainerLoad } from './attribution.ts';
import { type InputProblem, rangeProblem } from './problem.ts';

export interface EnergyRequest {
  /** CPU that the container used, oldest first, one value per step; NaN where it is not known. */
  readonly historicalCpuCores: ArrayLike<number>;
  readonly containerCpuRequestCores: number;
  /** CPU utilisation of the node now, 0–100. */
  readonly nodeCurrentUtilPercent: number;
  /** CPU utilisation of the node when nothing runs on it, 0–100. */
  readonly nodeIdleUtilPercent: number;
  /** The other containers of the node; default none. Their use is taken to stay as it is. */
  readonly containersOnNode?: readonly ContainerLoad[];
  /** How far ahead, in minutes: 1–240; default 30. */
  readonly horizonMinutes?: number;
  /** Minutes between two values of the history, from a second; default 1. The horizon is at most 480 of them. */
  readonly stepMinutes?: number;
  /** The share of outcomes that the interval should hold; default 0.95. */
  readonly intervalLevel?: number;
  /** How much work the forecast may cost; default `standard`. */
  readonly effort?: Effort;
}

export const DEFAULT_HORIZON_MINUTES = 30;
export const DEFAULT_STEP_MINUTES = 1;
export const DEFAULT_LEVEL = 0.95;
export const FEWEST_SAMPLES = 3;
/** More than any node has; beyond, arithmetic would say nothing. */
const MOST_CORES = 100_000;
/** Kubernetes knows no finer CPU requests than a thousandth of a core. */
const LEAST_REQUEST = 0.001;
/** Further ahead than so many steps nothing is forecast. */
const MOST_STEPS = 480;
/** Not more than so many wrong samples are told one by one. */
const MOST_NAMED = 5;

const PERCENT = { from: 0, to: 100, unit: 'percent' };
const CORES = { from: 0, to: MOST_CORES, unit: 'cores' };

/** Everything that is wrong with a request; empty where it can be answered. */
export function requestProblems(request: EnergyRequest): InputProblem[] {
  const { containersOnNode = [], intervalLevel = DEFAULT_LEVEL } = request;
  return [
    ...historyProblems(request.historicalCpuCores),
    ...requestedProblems(request.containerCpuRequestCores),
    ...utilProblems(request),
    ...containersOnNode.flatMap(containerProblems),
    ...timeProblems(request),
    ...rangeProblem('intervalLevel', intervalLevel, { from: 0.5, to: 0.999, unit: 'as a share' }),
  ];
}

function historyProblems(history: ArrayLike<number>): InputProblem[] {
  const field = 'historicalCpuCores';
  const wrong: InputProblem[] = [];
  let known = 0;
  for (let index = 0; index < history.length; index++) {
    const value = history[index] ?? Number.NaN;
    if (Number.isFinite(value)) known++;
    if (wrong.length < MOST_NAMED) wrong.push(...sampleProblems(`${field}[${index}]`, value));
  }
  if (known >= FEWEST_SAMPLES) return wrong;
  const message = `${known} of ${history.length} samples are known`;
  const fix = `send at least ${FEWEST_SAMPLES} measured values, oldest first`;
  return [...wrong, { field, code: 'too-few-samples', message, fix }];
}

function sampleProblems(field: string, value: number): InputProblem[] {
  if (Number.isNaN(value)) return [];
  if (value < 0)
    return [{ field, code: 'negative', message: `${field} is ${value}`, fix: 'send used cores, 0 or more' }];
  return rangeProblem(field, value, CORES);
}

function requestedProblems(requested: number): InputProblem[] {
  const field = 'containerCpuRequestCores';
  if (requested <= 0) {
    const message = `${field} is ${requested}`;
    return [{ field, code: 'not-positive', message, fix: 'send the requested cores, more than 0' }];
  }
  return rangeProblem(field, requested, { ...CORES, from: LEAST_REQUEST });
}

function utilProblems({ nodeCurrentUtilPercent, nodeIdleUtilPercent }: EnergyRequest): InputProblem[] {
  const wrong = [
    ...rangeProblem('nodeCurrentUtilPercent', nodeCurrentUtilPercent, PERCENT),
    ...rangeProblem('nodeIdleUtilPercent', nodeIdleUtilPercent, PERCENT),
  ];
  if (wrong.length > 0 || nodeIdleUtilPercent <= nodeCurrentUtilPercent) return wrong;
  const field = 'nodeIdleUtilPercent';
  const message = `${field} is ${nodeIdleUtilPercent}, above the current ${nodeCurrentUtilPercent}`;
  return [
    { field, code: 'idle-above-current', message, fix: 'send an idle utilisation up to the current one' },
  ];
}

function containerProblems(
  { cpuRequestCores, cpuUtilFraction }: ContainerLoad,
  index: number,
): InputProblem[] {
  const at = `containersOnNode[${index}]`;
  return [
    ...rangeProblem(`${at}.cpuRequestCores`, cpuRequestCores, CORES),
    ...rangeProblem(`${at}.cpuUtilFraction`, cpuUtilFraction, { from: 0, to: 1, unit: 'of the request' }),
  ];
}

function timeProblems(request: EnergyRequest): InputProblem[] {
  const { horizonMinutes = DEFAULT_HORIZON_MINUTES, stepMinutes = DEFAULT_STEP_MINUTES } = request;
  const wrong = [
    ...horizonProblems(horizonMinutes),
    ...rangeProblem('stepMinutes', stepMinutes, { from: 1 / 60, to: 240, unit: 'minutes' }),
  ];
  if (wrong.length > 0 || horizonMinutes / stepMinutes <= MOST_STEPS) return wrong;
  const message = `horizonMinutes of ${horizonMinutes} are ${Math.round(horizonMinutes / stepMinutes)} steps of stepMinutes`;
  const fix = `send a history with longer steps, or ask for at most ${MOST_STEPS} steps`;
  return [{ field: 'stepMinutes', code: 'out-of-range', message, fix }];
}

function horizonProblems(horizonMinutes: number): InputProblem[] {
  const field = 'horizonMinutes';
  if (!Number.isFinite(horizonMinutes) || Number.isInteger(horizonMinutes))
    return rangeProblem(field, horizonMinutes, { from: 1, to: 240, unit: 'minutes' });
  const fix = 'send a whole number of minutes from 1 to 240';
  return [{ field, code: 'not-whole', message: `${field} is ${horizonMinutes}`, fix }];
}
