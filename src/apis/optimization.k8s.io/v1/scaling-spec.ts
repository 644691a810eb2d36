/** CostOptimization.spec.scaling: the windows of time in which a workload runs with other replica counts. */
import { type Static, Type } from 'typebox';

export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

const Time = (description: string) =>
  Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$', description });

const ScalingWindow = Type.Object(
  {
    days: Type.Optional(
      Type.Array(Type.Enum([...WEEKDAYS]), {
        minItems: 1,
        maxItems: 7,
        description: 'Days on which the window begins; every day where absent.',
      }),
    ),
    from: Time('When it begins, local time of `spec.timeZone`, e.g. `20:00`.'),
    to: Time('When it ends, on the next day where that is not later than `from`; `24:00` is midnight.'),
    replicas: Type.Integer({
      minimum: 1,
      description:
        'Replicas within the window; the least replicas where a HorizontalPodAutoscaler sets the count.',
    }),
  },
  { description: 'A window of the week. Where windows overlap, the highest count holds.' },
);
export type ScalingWindow = Static<typeof ScalingWindow>;

export const ScalingSpec = Type.Object(
  {
    windows: Type.Optional(
      Type.Array(ScalingWindow, {
        minItems: 1,
        maxItems: 32,
        description:
          'The windows; learned from usage where absent. Outside of them the workload keeps its own count.',
      }),
    ),
    minReplicas: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Fewest replicas of any learned window.' }),
    ),
    maxReplicas: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Most replicas of any learned window; the present count where absent.',
      }),
    ),
  },
  { description: 'How SCHEDULED_SCALING scales a workload.' },
);
export type ScalingSpec = Static<typeof ScalingSpec>;
