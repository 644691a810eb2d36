/** Recorded traces in place of generated load. */
import { parse, stringify } from 'yaml';
import { KcError } from '#errors/kc-error.ts';
import type { WorkloadDeclaration } from './workload-declaration.ts';

/**
 * Gives each workload that may replay a trace the shape of a recorded one, in turn; how large it is stays as it
 * was. Throws KC_TRACE_INVALID where nothing recorded is among the names.
 */
export function withRecordedTraces(
  workloads: readonly WorkloadDeclaration[],
  traceNames: readonly string[],
): readonly WorkloadDeclaration[] {
  const recorded = traceNames.filter((name) => !name.startsWith('generated/'));
  if (recorded.length === 0) {
    throw new KcError('KC_TRACE_INVALID', {
      object: '--traces',
      problem: 'the folder holds no recorded trace that is understood',
      fix: 'see src/playground/traces/README.md for the formats',
    });
  }
  let next = 0;
  return workloads.map((workload) => {
    if (workload.replaysTraces === false) return workload;
    const trace = recorded[next++ % recorded.length];
    const usage: unknown = parse(workload.usage);
    return { ...workload, usage: stringify({ ...(usage as object), load: { trace } }) };
  });
}
