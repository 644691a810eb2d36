/** CostOptimization.spec.spot: how far a workload may go onto capacity that can be taken away. */
import { type Static, Type } from 'typebox';

export const SPOT_PROVIDERS = ['karpenter', 'eks', 'gke', 'aks', 'generic'] as const;
export type SpotProvider = (typeof SPOT_PROVIDERS)[number];

const NodeLabel = Type.Object(
  {
    key: Type.String({ minLength: 1, maxLength: 317, description: 'Key of the label.' }),
    spot: Type.String({ minLength: 1, maxLength: 63, description: 'Its value on spot nodes.' }),
    onDemand: Type.Optional(
      Type.String({ minLength: 1, maxLength: 63, description: 'Its value on on-demand nodes.' }),
    ),
  },
  {
    description:
      'A node label of your own that tells spot nodes from others; the labels of clouds are known.',
  },
);

export const SpotSpec = Type.Object(
  {
    minOnDemand: Type.Optional(
      Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^([0-9]|[1-9][0-9]|100)%$' })], {
        'x-kubernetes-int-or-string': true,
        description:
          'Pods that stay on on-demand nodes: a count, or a percentage such as `20%` (the default), rounded up. At most half can be kept by one workload.',
      }),
    ),
    maxInterruptionsPerDay: Type.Optional(
      Type.Integer({
        minimum: 0,
        default: 3,
        description:
          'Interruptions of nodes under this workload within 24 hours above which it goes back to on-demand nodes.',
      }),
    ),
    nodeLabel: Type.Optional(NodeLabel),
  },
  { description: 'How SPOT_INSTANCES moves a workload.' },
);
export type SpotSpec = Static<typeof SpotSpec>;
