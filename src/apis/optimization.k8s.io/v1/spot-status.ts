/** CostOptimization.status.spot and .scaling: what the two types that act over time remember and show. */
import { type Static, Type } from 'typebox';

const Interruption = Type.Object({
  at: Type.String({ format: 'date-time' }),
  node: Type.String(),
  uid: Type.String(),
  why: Type.String(),
});

export const SpotStatus = Type.Object(
  {
    provider: Type.Optional(Type.String({ description: 'Whose label marks spot nodes here.' })),
    onSpot: Type.Integer({ description: 'Live pods on spot nodes.' }),
    onDemand: Type.Integer({ description: 'Live pods on other nodes.' }),
    nodes: Type.Record(Type.String(), Type.String(), {
      description: 'Spot nodes under the pods at the last look, with their uids.',
    }),
    interruptions: Type.Array(Interruption, {
      maxItems: 32,
      description: 'Spot nodes under the pods that were taken away within the last 24 hours.',
    }),
  },
  { description: 'Where the pods run, for SPOT_INSTANCES.' },
);
export type SpotStatus = Static<typeof SpotStatus>;

export const ScalingStatus = Type.Object(
  {
    window: Type.Boolean({ description: 'Whether a window is open now.' }),
    replicas: Type.Optional(Type.Integer({ description: 'The count that the open window asks for.' })),
    nextChange: Type.Optional(
      Type.String({ format: 'date-time', description: 'When a window opens or closes next.' }),
    ),
  },
  { description: 'How the plan in force is followed, for SCHEDULED_SCALING.' },
);
export type ScalingStatus = Static<typeof ScalingStatus>;
