/** Power of containers, nodes and devices, as the estimator API answers. */
import { type Static, Type } from 'typebox';
import { nullable, numberOrNull, text, time, UnknownReasons } from '../optimizer-api/vocabulary.ts';
import { EvidenceFields, PartsSchema, Problems } from './evidence.ts';

export const ContainerSample = Type.Object({
  container_name: Type.String(),
  pod_name: Type.String(),
  namespace: Type.String(),
  node_name: nullable(Type.String()),
  power_watts: Type.Number({ description: 'All that it draws: active and its share of the idle node.' }),
  active_watts: Type.Number({ description: 'By what it does.' }),
  idle_watts: Type.Number({ description: 'Its share of what its node draws when idle.' }),
  parts: PartsSchema,
  timestamp: time('When the power was computed.'),
  labels: Type.Record(Type.String(), Type.String(), { description: 'Under the names that Kepler uses.' }),
  ...EvidenceFields,
  unknown: UnknownReasons,
});
export type ContainerSample = Static<typeof ContainerSample>;

export const DeviceSample = Type.Object({
  uuid: Type.String(),
  part: Type.Enum(['gpu', 'npu']),
  vendor: Type.String(),
  model: nullable(Type.String()),
  power_watts: Type.Number(),
  idle_watts: Type.Number({ description: 'What no sharer accounts for.' }),
  sharers: Type.Array(
    Type.Object({
      namespace: Type.String(),
      pod_name: Type.String(),
      container_name: Type.String(),
      power_watts: Type.Number(),
    }),
    { description: 'With idle_watts they sum to power_watts.' },
  ),
  ...EvidenceFields,
  unknown: UnknownReasons,
});

export const NodeSample = Type.Object({
  node_name: Type.String(),
  power_watts: Type.Number({ description: 'All that it draws: active and idle.' }),
  active_watts: Type.Number(),
  idle_watts: Type.Number(),
  containers_watts: Type.Number({ description: 'Sum of its containers.' }),
  system_watts: Type.Number({
    description: 'What no container accounts for: power_watts less containers_watts.',
  }),
  parts: PartsSchema,
  devices: Type.Array(DeviceSample),
  timestamp: time('When the power was computed.'),
  ...EvidenceFields,
});
export type NodeSample = Static<typeof NodeSample>;

const Next = nullable(
  Type.String({ description: 'To be given as `after` for the next page; null on the last.' }),
);

export const TotalPower = Type.Object({
  power_watts: numberOrNull('Sum of all that match, not only of this page.'),
  unknown: UnknownReasons,
});

export type TotalPower = Static<typeof TotalPower>;

export const PowerCurrentAnswer = Type.Object({
  data: Type.Array(ContainerSample),
  total: TotalPower,
  timestamp: time('When the power was computed.'),
  time_range: text('Over which counters became watts.'),
  next: Next,
  problems: Problems,
});
export type PowerCurrentAnswer = Static<typeof PowerCurrentAnswer>;

export const PowerContainersAnswer = Type.Object({
  containers: Type.Array(ContainerSample),
  count: Type.Integer({ description: 'Of this page.' }),
  total_count: Type.Integer({ description: 'Of all that match.' }),
  total: TotalPower,
  timestamp: time('When the power was computed.'),
  next: Next,
  problems: Problems,
});
export type PowerContainersAnswer = Static<typeof PowerContainersAnswer>;

export const PowerNodesAnswer = Type.Object({
  nodes: Type.Array(NodeSample),
  count: Type.Integer(),
  total: TotalPower,
  timestamp: time('When the power was computed.'),
  problems: Problems,
});
export type PowerNodesAnswer = Static<typeof PowerNodesAnswer>;
