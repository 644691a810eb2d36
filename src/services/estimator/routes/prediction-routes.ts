/** Energy before it is drawn, and the calibration that predictions stand on. */
import type { CalibrationScope } from '#adapters/calibration/calibration-store.ts';
import {
  CalibrateAnswer,
  CalibrateRequest,
  CalibrationConfigAnswer,
  PredictAnswer,
  PredictRequest,
} from '#apis/estimator-api/prediction.ts';
import { calibrate, calibrationProblems, type CalibrationData } from '#domain/energy/calibrate.ts';
import { predictEnergy } from '#domain/energy/predict.ts';
import type { EnergyRequest } from '#domain/energy/request.ts';
import { json } from '../../rest/reply.ts';
import { defineRoute, type Route } from '../../rest/route.ts';
import { calibrationAnswer } from '../answers/calibration-answer.ts';
import { isoTime } from '../answers/evidence-answer.ts';
import { predictionAnswer } from '../answers/prediction-answer.ts';
import { invalidInput } from '../field-names.ts';
import { type RouteParts, WEIGHTS } from './parts.ts';

export function predictionRoutes(parts: RouteParts): Route[] {
  return [predictRoute(parts), calibrateRoute(parts), configRoute(parts)];
}

function predictRoute({ calibrations, tariff, clock }: RouteParts): Route {
  return defineRoute({
    method: 'POST',
    url: '/predict/energy',
    summary: 'What a container will draw, from its CPU history, before or while it runs.',
    description:
      'Four stages: CPU forecast, utilisation of the node, power of the node, the share of the container. The interval is in watts and carries the doubt of the forecast through all stages.',
    access: 'read',
    weight: WEIGHTS.predict,
    body: PredictRequest,
    answers: { 200: { description: 'The prediction.', schema: PredictAnswer } },
    handle: ({ body }) => {
      const calibration = calibrations.inUse(namesOf(body));
      const prediction = predictEnergy(requestOf(body), calibration.calibration);
      if (prediction.kind === 'invalid') throw invalidInput(prediction.problems);
      const nowMs = clock.now();
      const watts = prediction.predictedPowerWatts;
      const cost = tariff.ahead({ watts, fromMs: nowMs, hours: prediction.horizonMinutes / 60 });
      return json(predictionAnswer({ asked: body, prediction, calibration, cost, nowMs }));
    },
  });
}

function namesOf({
  node_name: node = '',
  node_model: model = '',
}: Pick<PredictRequest, 'node_name' | 'node_model'>) {
  return { ...(node === '' ? {} : { node }), ...(model === '' ? {} : { model }) };
}

function requestOf(body: PredictRequest): EnergyRequest {
  const {
    prediction_horizon_minutes: horizonMinutes,
    step_minutes: stepMinutes,
    confidence_level: intervalLevel,
  } = body;
  return {
    historicalCpuCores: Float64Array.from(body.historical_cpu_cores, (cores) => cores ?? Number.NaN),
    containerCpuRequestCores: body.container_cpu_request,
    nodeCurrentUtilPercent: body.node_current_util,
    nodeIdleUtilPercent: body.node_idle_util,
    containersOnNode: (body.containers_on_node ?? []).map(({ cpu_request, cpu_util }) => ({
      cpuRequestCores: cpu_request,
      cpuUtilFraction: cpu_util,
    })),
    ...(horizonMinutes === undefined ? {} : { horizonMinutes }),
    ...(stepMinutes === undefined ? {} : { stepMinutes }),
    ...(intervalLevel === undefined ? {} : { intervalLevel }),
  };
}

function calibrateRoute({ calibrations, shared, clock }: RouteParts): Route {
  return defineRoute({
    method: 'POST',
    url: '/calibrate',
    summary: 'Fits the lines of the prediction to measurements, and keeps them.',
    description:
      'Least squares. What the data do not support is refused with the reason; nothing changes then.',
    access: 'write',
    weight: WEIGHTS.calibrate,
    body: CalibrateRequest,
    answers: { 200: { description: 'What is used from now on.', schema: CalibrateAnswer } },
    handle: async ({ body }) => {
      const data = dataOf(body);
      const wrong = calibrationProblems(data);
      if (wrong.length > 0) throw invalidInput(wrong);
      const result = calibrate(data);
      if (result.kind === 'refused') {
        throw invalidInput(result.refusals.map(({ data: field, message, fix }) => ({ field, message, fix })));
      }
      const saved = { of: scopeOf(body), atMs: clock.now(), calibration: result.calibration };
      await (shared ?? calibrations).save(saved);
      const status = 'calibration_successful';
      return json({ calibration: calibrationAnswer(saved), status, timestamp: isoTime(saved.atMs) });
    },
  });
}

function dataOf(body: CalibrateRequest): CalibrationData {
  return {
    containerNode: body.container_node_data.map((point) => ({
      containerCpuCores: point.container_cpu_cores,
      nodeCpuUtilPercent: point.node_cpu_util_percent,
    })),
    nodePower: body.node_power_data.map((point) => ({
      nodeCpuUtilPercent: point.node_cpu_util_percent,
      nodePowerWatts: point.node_power_watts,
    })),
  };
}

function scopeOf(body: CalibrateRequest): CalibrationScope {
  const { node, model } = namesOf(body);
  if (node !== undefined) return { scope: 'node', name: node };
  return model === undefined ? { scope: 'cluster' } : { scope: 'model', name: model };
}

const NOTE =
  'These parameters are used where no calibration of the node or its model is nearer. POST /calibrate fits them to measurements.';

function configRoute({ calibrations }: RouteParts): Route {
  return defineRoute({
    method: 'GET',
    url: '/calibration/config',
    summary: 'The calibration in use.',
    access: 'read',
    answers: { 200: { description: 'The parameters.', schema: CalibrationConfigAnswer } },
    handle: () => {
      const others = calibrations.list().filter(({ of }) => of.scope !== 'cluster');
      return json({
        calibration: calibrationAnswer(calibrations.inUse()),
        others: others.map(calibrationAnswer),
        note: NOTE,
      });
    },
  });
}
