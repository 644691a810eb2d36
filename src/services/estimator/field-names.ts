/** The names that the domain gives to what is wrong, as the API calls them. */
import type { InputProblem } from '#domain/energy/problem.ts';
import { type FieldProblem, InvalidRequest } from '../rest/field-problem.ts';

const NAMES: Readonly<Record<string, string>> = {
  historicalCpuCores: 'historical_cpu_cores',
  containerCpuRequestCores: 'container_cpu_request',
  nodeCurrentUtilPercent: 'node_current_util',
  nodeIdleUtilPercent: 'node_idle_util',
  containersOnNode: 'containers_on_node',
  cpuRequestCores: 'cpu_request',
  cpuUtilFraction: 'cpu_util',
  horizonMinutes: 'prediction_horizon_minutes',
  stepMinutes: 'step_minutes',
  intervalLevel: 'confidence_level',
  containerNode: 'container_node_data',
  nodePower: 'node_power_data',
  containerCpuCores: 'container_cpu_cores',
  nodeCpuUtilPercent: 'node_cpu_util_percent',
  nodePowerWatts: 'node_power_watts',
};

/** Every word of a text that the domain calls something else. */
export function apiNames(text: string): string {
  return text.replaceAll(/[a-z]+(?:[A-Z][a-z]+)+/g, (word) => NAMES[word] ?? word);
}

type Wrong = Pick<InputProblem, 'field' | 'message' | 'fix'>;

/** Names every field that is wrong, as the caller wrote it. */
export function invalidInput(problems: readonly Wrong[]): InvalidRequest {
  return new InvalidRequest(problems.map(fieldProblem));
}

function fieldProblem({ field, message, fix }: Wrong): FieldProblem {
  return { field: apiNames(field), message: `${apiNames(message)}; ${apiNames(fix)}` };
}
