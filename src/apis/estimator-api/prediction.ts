/** Energy predictions and calibrations, asked and answered with the seed's fields. */
import { type Static, Type } from 'typebox';
import { nullable, numberOrNull, text, time, UnknownReasons } from '../optimizer-api/vocabulary.ts';

const MOST_SAMPLES = 200_000;
const MOST_CONTAINERS = 5_000;

const Name = (description: string) => Type.String({ minLength: 1, maxLength: 253, description });
const OptionalName = (description: string) => Type.Optional(Type.String({ maxLength: 253, description }));

const ContainerOnNode = Type.Object(
  {
    cpu_request: Type.Number({ description: 'Cores that it asks for.' }),
    cpu_util: Type.Number({ description: 'The share of them that it uses, 0–1.' }),
    container_name: OptionalName('For people.'),
    pod_name: OptionalName('For people.'),
    namespace: OptionalName('For people.'),
  },
  { additionalProperties: false },
);

export const PredictRequest = Type.Object(
  {
    container_name: Name('The container.'),
    pod_name: Name('Its pod.'),
    namespace: Type.Optional(
      Type.String({ minLength: 1, maxLength: 63, default: 'default', description: 'Its namespace.' }),
    ),
    historical_cpu_cores: Type.Array(nullable(Type.Number()), {
      maxItems: MOST_SAMPLES,
      description:
        'Cores used, oldest first, one value per step; null where it is not known. At least three known values.',
    }),
    container_cpu_request: Type.Number({ description: 'Cores that the container asks for.' }),
    node_current_util: Type.Number({ description: 'CPU utilisation of the node now, 0–100.' }),
    node_idle_util: Type.Number({
      description: 'CPU utilisation of the node when nothing runs on it, 0–100.',
    }),
    containers_on_node: Type.Optional(
      Type.Array(ContainerOnNode, {
        maxItems: MOST_CONTAINERS,
        default: [],
        description: 'The other containers of the node.',
      }),
    ),
    prediction_horizon_minutes: Type.Optional(
      Type.Number({ default: 30, description: 'How far ahead, 1–240.' }),
    ),
    step_minutes: Type.Optional(
      Type.Number({ default: 1, description: 'Between two values of the history.' }),
    ),
    confidence_level: Type.Optional(
      Type.Number({ default: 0.95, description: 'Of the interval, 0.5–0.999.' }),
    ),
    node_name: OptionalName('Takes the calibration of this node, where there is one.'),
    node_model: OptionalName('Else that of this model of nodes.'),
  },
  { additionalProperties: false },
);
export type PredictRequest = Static<typeof PredictRequest>;

const Interval = Type.Tuple([Type.Number(), Type.Number()]);

export const PredictAnswer = Type.Object({
  prediction: Type.Object({
    container_name: Type.String(),
    pod_name: Type.String(),
    namespace: Type.String(),
    predicted_power_watts: Type.Number({ description: 'Mean over the horizon.' }),
    prediction_timestamp: time('Of the answer.'),
    prediction_horizon_minutes: Type.Number(),
    confidence_interval: Type.Tuple([Type.Number(), Type.Number()], {
      description: 'In watts, from least to most.',
    }),
    confidence_level: Type.Number(),
    predicted_energy_wh: Type.Number({ description: 'Over the horizon.' }),
    predicted_cost: Type.Object(
      {
        total_usd: numberOrNull('Electricity, cooling and carbon over the horizon.'),
        unknown: UnknownReasons,
      },
      { description: 'At the rates of now.' },
    ),
    stages: Type.Object({
      cpu_forecast: Type.Object({
        mean_cores: Type.Number(),
        interval_cores: Interval,
        samples_given: Type.Integer(),
        samples_used: Type.Integer(),
      }),
      node_util: Type.Object({ percent: Type.Number(), interval_percent: Interval, limited: Type.String() }),
      node_power: Type.Object({
        watts: Type.Number(),
        interval_watts: Interval,
        idle_watts: Type.Number(),
        max_watts: Type.Number(),
        limited: Type.String(),
      }),
      attribution: Type.Object({
        idle_watts: Type.Number(),
        active_watts: Type.Number(),
        others_watts: Type.Array(Type.Number()),
        unattributed_watts: Type.Number(),
      }),
    }),
    method: Type.Object({ forecast: Type.String(), node_power: Type.String(), interval: Type.String() }),
    evidence: Type.Array(Type.Object({ kind: Type.String(), text: Type.String() })),
    calibration: text('Which was used: built-in, cluster, node or model with its name.'),
  }),
  status: Type.Literal('success'),
});
export type PredictAnswer = Static<typeof PredictAnswer>;

export const CalibrateRequest = Type.Object(
  {
    container_node_data: Type.Array(
      Type.Object(
        { container_cpu_cores: Type.Number(), node_cpu_util_percent: Type.Number() },
        { additionalProperties: false },
      ),
      {
        maxItems: MOST_SAMPLES,
        description: 'Cores that a container used, and the utilisation of its node at the time.',
      },
    ),
    node_power_data: Type.Array(
      Type.Object(
        { node_cpu_util_percent: Type.Number(), node_power_watts: Type.Number() },
        { additionalProperties: false },
      ),
      { maxItems: MOST_SAMPLES, description: 'Utilisation of a node and the watts that it drew.' },
    ),
    node_name: OptionalName('Holds for this node only; for the whole cluster where neither is given.'),
    node_model: OptionalName('Holds for nodes of this model only.'),
  },
  { additionalProperties: false },
);
export type CalibrateRequest = Static<typeof CalibrateRequest>;

const CalibrationFields = {
  container_to_node_slope: Type.Number({ description: 'Percentage points of the node per core.' }),
  container_to_node_intercept: Type.Number({ description: 'Percentage points.' }),
  node_util_to_power_slope: Type.Number({ description: 'Watts per percentage point.' }),
  node_util_to_power_intercept: Type.Number({ description: 'Watts.' }),
  node_idle_power_watts: Type.Number(),
  node_max_power_watts: Type.Number(),
};

const Fit = nullable(
  Type.Object({
    points: Type.Integer(),
    r_squared: Type.Number(),
    residual_sd: numberOrNull('Deviation from the line.'),
  }),
);

const Quality = {
  origin: Type.Enum(['default', 'idle-and-max', 'calibrated']),
  scope: text('built-in, cluster, node or model with its name.'),
  calibrated_at: nullable(time('Null where nobody has calibrated.')),
  container_to_node_fit: Fit,
  node_util_to_power_fit: Fit,
  node_power_curve: nullable(
    text('The curve that is used instead of the second line since it predicted better.'),
  ),
};

export const CalibrateAnswer = Type.Object({
  calibration: Type.Object({ ...CalibrationFields, ...Quality }),
  status: Type.Literal('calibration_successful'),
  timestamp: time('Of the answer.'),
});

export const CalibrationConfigAnswer = Type.Object({
  calibration: Type.Object({ ...CalibrationFields, ...Quality }),
  others: Type.Array(Type.Object({ ...CalibrationFields, ...Quality }), {
    description: 'Of single nodes and models.',
  }),
  note: Type.String(),
});
export type CalibrationConfigAnswer = Static<typeof CalibrationConfigAnswer>;
