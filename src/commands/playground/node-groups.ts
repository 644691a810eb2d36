/** Reads what `--nodes` says: groups of machines such as `m6i.2xlarge=3` or `p4d.24xlarge:spot=2`. */
import { KcError } from '#errors/kc-error.ts';
import { INSTANCE_TYPES, type InstanceType } from '#playground/fleet/nodes/instance-types.ts';
import { type NodeShape, nodesOf } from '#playground/fleet/nodes/node-shape.ts';

const GROUP = /^(?<type>[\w.-]+)(?<spot>:spot)?=(?<count>\d+)$/;
const MOST_NODES = 5000;

/** Room for the example workloads, and a machine with GPUs. */
export const DEFAULT_NODES: readonly string[] = ['m6i.4xlarge=5', 'g5.12xlarge=1'];

/** Throws KC_CONFIG_INVALID, naming the group, for a machine that nobody sells or a count that is none. */
export function parseNodeGroups(groups: readonly string[]): readonly NodeShape[] {
  const named = new Set<string>();
  return groups.flatMap((text) => {
    const { type = '', spot, count = '' } = GROUP.exec(text)?.groups ?? {};
    if (!isInstanceType(type)) throw invalid(text, knownTypes());
    if (Number(count) > MOST_NODES) throw invalid(text, `there may be ${MOST_NODES} nodes at most`);
    const capacityType = spot === undefined ? 'on-demand' : 'spot';
    const name = `${type}/${capacityType}`;
    if (named.has(name)) throw invalid(text, 'each instance type may be named once; add the counts up');
    named.add(name);
    return nodesOf({ instanceType: type, count: Number(count), capacityType });
  });
}

function isInstanceType(text: string): text is InstanceType {
  return Object.hasOwn(INSTANCE_TYPES, text);
}

function knownTypes(): string {
  return `write <instance type>[:spot]=<count>, with one of ${Object.keys(INSTANCE_TYPES).join(', ')}`;
}

function invalid(text: string, problem: string): KcError {
  return new KcError('KC_CONFIG_INVALID', { field: `--nodes ${text}`, problem });
}
