/** CostOptimization.spec.containers[]: what users say of the sizes of one container. */
import { type Static, Type } from 'typebox';

const Quantity = (description: string) =>
  Type.Union([Type.Integer(), Type.String()], { 'x-kubernetes-int-or-string': true, description });

const Percentile = (description: string) => Type.Number({ minimum: 50, maximum: 100, description });

const StartupBoost = Type.Object(
  {
    cpuFactor: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 100,
        description: 'What CPU request and limit are multiplied by.',
      }),
    ),
    cpuExtra: Type.Optional(Quantity('What is added to CPU request and limit, e.g. `2`.')),
    seconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 3600,
        default: 0,
        description: 'How long it is kept after the pod has become ready.',
      }),
    ),
  },
  {
    description:
      'More CPU while a pod starts, by a resize in place; the template stays as it is. It acts with `dryRun: false`, on clusters that resize in place.',
    'x-kubernetes-validations': [
      {
        rule: 'has(self.cpuFactor) != has(self.cpuExtra)',
        message: 'set either cpuFactor or cpuExtra',
      },
    ],
  },
);
export type StartupBoost = Static<typeof StartupBoost>;

export const ContainerPolicy = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'Name of the container, or `*` for all others.' }),
    mode: Type.Optional(
      Type.Enum(['Auto', 'Off'], { default: 'Auto', description: '`Off` leaves the container as it is.' }),
    ),
    controlledResources: Type.Optional(
      Type.Array(Type.Enum(['cpu', 'memory']), {
        minItems: 1,
        maxItems: 2,
        description: 'Resources whose sizes may change; what `optimizationType` covers where absent.',
      }),
    ),
    controlledValues: Type.Optional(
      Type.Enum(['RequestsAndLimits', 'RequestsOnly'], {
        default: 'RequestsAndLimits',
        description: 'Whether limits move with requests (keeping their ratio) or stay.',
      }),
    ),
    direction: Type.Optional(
      Type.Enum(['Both', 'RaiseOnly', 'LowerOnly'], {
        default: 'Both',
        description: 'Whether sizes may be raised, lowered, or both.',
      }),
    ),
    minCpu: Type.Optional(Quantity('Lowest CPU request, e.g. `50m`.')),
    maxCpu: Type.Optional(Quantity('Highest CPU request, e.g. `4`.')),
    minMemory: Type.Optional(Quantity('Lowest memory request, e.g. `128Mi`.')),
    maxMemory: Type.Optional(Quantity('Highest memory request, e.g. `8Gi`.')),
    cpuPercentile: Type.Optional(
      Percentile('CPU percentile to cover; chosen from the history where absent.'),
    ),
    memoryPercentile: Type.Optional(Percentile('Memory percentile to cover; the peak where absent.')),
    oomBumpUpRatio: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 10,
        default: 1.2,
        description: 'After an OOM kill memory is at least this many times the limit that killed.',
      }),
    ),
    oomMinBumpUp: Type.Optional(
      Quantity(
        'After an OOM kill memory is at least this much above the limit that killed; 100Mi where absent.',
      ),
    ),
    startupBoost: Type.Optional(StartupBoost),
  },
  { description: 'Bounds and mode of one container.' },
);
export type ContainerPolicy = Static<typeof ContainerPolicy>;
