/**
 * How much a simulated workload uses: what a user writes into the annotation `playground.kcloud.io/usage` of a
 * pod template, as YAML or JSON. Every field is optional.
 */
import { type Static, Type } from 'typebox';
import { PRESET_NAMES } from './preset-names.ts';

export const USAGE_ANNOTATION = 'playground.kcloud.io/usage';

const positive = (description: string) => Type.Number({ minimum: 0, description });
const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
const closed = { additionalProperties: false } as const;
const Quantity = (description: string) =>
  Type.Union([Type.Number({ minimum: 0 }), Type.String()], { description });
const Duration = (description: string) => Type.String({ pattern: '^\\d+(s|m|h|d)$', description });

const Cpu = Type.Object(
  {
    cores: Type.Optional(positive('Demand of the whole workload at load 1, shared by its ready pods.')),
    coresPerPod: Type.Optional(positive('Demand of each pod at load 1, however many there are.')),
    requestsPerSecond: Type.Optional(positive('Requests to the whole workload at load 1.')),
    millisecondsPerRequest: Type.Optional(positive('CPU time that each request costs.')),
    base: Type.Optional(positive('Cores that each pod uses whatever the load.')),
    noise: Type.Optional(share('Relative standard deviation around the load.')),
    skew: Type.Optional(share('How unevenly the load falls on the pods: 0.1 is up to 10 % more or less.')),
    startup: Type.Optional(
      Type.Object(
        {
          cores: positive('Cores that a container uses on top while it starts.'),
          seconds: positive('How long that lasts.'),
        },
        closed,
      ),
    ),
  },
  closed,
);

const Memory = Type.Object(
  {
    base: Type.Optional(Quantity('Working set of each pod after its start.')),
    perCore: Type.Optional(Quantity('Added for each core of load that a pod carries.')),
    growthPerHour: Type.Optional(Quantity('Growth since the start of the container: a leak.')),
    plateau: Type.Optional(Quantity('Where growth levels off: a heap that fills up.')),
    noise: Type.Optional(share('Relative standard deviation.')),
    trace: Type.Optional(
      Type.String({ description: 'A trace with memory whose shape multiplies the working set.' }),
    ),
  },
  closed,
);

const Step = Type.Object(
  {
    after: Type.Optional(Duration('When it begins, counted from the creation of the workload, e.g. `2h`.')),
    at: Type.Optional(Type.String({ description: 'When it begins, as RFC 3339 time.' })),
    for: Type.Optional(Duration('How long it lasts; for ever where absent.')),
    factor: positive('What the load is multiplied by meanwhile.'),
  },
  closed,
);

const Load = Type.Object(
  {
    daily: Type.Optional(
      Type.Object(
        {
          amplitude: share('0.5: half as much again at the peak, half as little in the valley.'),
          peakHour: Type.Number({ minimum: 0, maximum: 24, description: 'Hour of the peak, in UTC.' }),
        },
        closed,
      ),
    ),
    weekend: Type.Optional(positive('Factor on Saturday and Sunday.')),
    trendPerDay: Type.Optional(Type.Number({ description: 'Growth per day, 0.01 for 1 %.' })),
    bursts: Type.Optional(
      Type.Object(
        {
          perDay: Type.Number({ exclusiveMinimum: 0, maximum: 288 }),
          factor: positive('What a burst multiplies the load by, give or take a third.'),
          minutes: positive('How long a burst lasts.'),
        },
        closed,
      ),
    ),
    window: Type.Optional(
      Type.Object(
        {
          fromHour: Type.Number({ minimum: 0, maximum: 24, description: 'When the work begins, in UTC.' }),
          hours: Type.Number({ minimum: 0, maximum: 24 }),
          idle: Type.Optional(share('The factor outside of the window.')),
        },
        closed,
      ),
    ),
    steps: Type.Optional(Type.Array(Step)),
    trace: Type.Optional(Type.String({ description: 'A trace whose shape multiplies the load.' })),
  },
  closed,
);

const ContainerFields = { cpu: Type.Optional(Cpu), memory: Type.Optional(Memory), load: Type.Optional(Load) };

const Lifecycle = Type.Object(
  {
    startupSeconds: Type.Optional(positive('From the start of the containers until the pod is ready.')),
    shutdownSeconds: Type.Optional(positive('From the request to stop until the containers have ended.')),
    runSeconds: Type.Optional(positive('The containers end by themselves after this time.')),
    exitCode: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 255, description: 'With which code they end.' }),
    ),
    ready: Type.Optional(Type.Boolean({ description: 'false: the pod never becomes ready.' })),
    age: Type.Optional(
      Duration('How long it has existed when a world with a past begins; all of that past where absent.'),
    ),
    imagePull: Type.Optional(Type.Enum(['works', 'fails'])),
  },
  closed,
);

export const UsageProfileSchema = Type.Object(
  {
    preset: Type.Optional(Type.Enum([...PRESET_NAMES], { description: 'Where absent fields come from.' })),
    ...ContainerFields,
    lifecycle: Type.Optional(Lifecycle),
    containers: Type.Optional(
      Type.Record(Type.String(), Type.Object(ContainerFields, closed), {
        description:
          'Usage of containers by name; without it the fields above are those of the first container.',
      }),
    ),
  },
  closed,
);

export type UsageProfile = Static<typeof UsageProfileSchema>;
export type ContainerProfile = Pick<UsageProfile, 'cpu' | 'memory' | 'load'>;
export type LoadProfile = Static<typeof Load>;
export type LifecycleProfile = Static<typeof Lifecycle>;
