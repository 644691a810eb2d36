/** Every kind of node that the playground knows is one that an API server takes as it stands. */
import { expect, it } from 'vitest';
import { NODES } from '#kube/client/builtin-types.ts';
import { INSTANCE_TYPES, type InstanceType } from '#playground/fleet/nodes/instance-types.ts';
import { nodeObject, nodeStatus } from '#playground/fleet/nodes/node-object.ts';
import { type NodeShape, nodesOf } from '#playground/fleet/nodes/node-shape.ts';
import { amountsOf } from '#playground/fleet/resources.ts';
import { describeTargets } from '#test/testenv/targets/describe-targets.ts';

const MOMENT = { address: '10.0.0.1', nowMs: Date.UTC(2026, 0, 5), readySinceMs: Date.UTC(2026, 0, 5) };
const TYPES = Object.keys(INSTANCE_TYPES) as InstanceType[];
const SHAPES: readonly NodeShape[] = [
  ...TYPES.flatMap((instanceType) => nodesOf({ instanceType, count: 1, capacityType: 'spot' })),
  ...nodesOf({ instanceType: 'm6i.large', count: 1, namePrefix: 'odd' }).map((shape) => ({
    ...shape,
    cpuCores: 0.1 + 0.2,
    memoryBytes: 1e9 / 3,
  })),
];

describeTargets('nodes', (target) => {
  it.each(SHAPES.map((shape) => [shape.instanceType, shape] as const))(
    'of type %s are registered and report as they are',
    async (_, shape) => {
      const { client } = target();
      const created = await client.create(NODES, nodeObject(shape));
      expect(created.metadata?.labels).toMatchObject(nodeObject(shape).metadata?.labels ?? {});
      const status = nodeStatus(shape, MOMENT);
      const change = { patch: 'merge', body: { status }, subresource: 'status' } as const;
      const reported = await client.patch(NODES, { name: shape.name }, change);
      // The server writes 1024Ki as 1Mi: the amounts count, not the texts.
      expect(amountsOf(reported.status?.capacity)).toEqual(amountsOf(status.capacity));
      expect(amountsOf(reported.status?.allocatable)).toEqual(amountsOf(status.allocatable));
      await client.delete(NODES, { name: shape.name });
    },
  );
});
