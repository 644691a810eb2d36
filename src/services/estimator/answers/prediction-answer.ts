/** A prediction as the API answers: the seed's fields, and every stage beside them. */
import type { CalibrationInUse } from '#adapters/calibration/calibration-store.ts';
import type { PredictAnswer, PredictRequest } from '#apis/estimator-api/prediction.ts';
import type { EnergyCost } from '#domain/cost/energy-cost.ts';
import type { Interval } from '#domain/energy/intervals.ts';
import type { EnergyPrediction } from '#domain/energy/predict.ts';
import { scopeText } from './calibration-answer.ts';
import { isoTime } from './evidence-answer.ts';

interface Predicted {
  readonly asked: PredictRequest;
  readonly prediction: EnergyPrediction;
  readonly calibration: CalibrationInUse;
  readonly cost: EnergyCost;
  readonly nowMs: number;
}

export function predictionAnswer({ asked, prediction, calibration, cost, nowMs }: Predicted): PredictAnswer {
  const { container_name, pod_name, namespace = 'default' } = asked;
  return {
    prediction: {
      container_name,
      pod_name,
      namespace,
      predicted_power_watts: prediction.predictedPowerWatts,
      prediction_timestamp: isoTime(nowMs),
      prediction_horizon_minutes: prediction.horizonMinutes,
      confidence_interval: pair(prediction.confidenceIntervalWatts),
      confidence_level: prediction.intervalLevel,
      predicted_energy_wh: prediction.predictedEnergyWh,
      predicted_cost: {
        total_usd: cost.totalUsd ?? null,
        ...(cost.totalUsd === undefined ? { unknown: { total_usd: cost.unknown.join('; ') } } : {}),
      },
      stages: stagesAnswer(prediction),
      method: {
        forecast: prediction.method.forecast,
        node_power: prediction.method.nodePower,
        interval: prediction.method.interval,
      },
      evidence: prediction.evidence.map(({ kind, text }) => ({ kind, text })),
      calibration: scopeText(calibration.of),
    },
    status: 'success',
  };
}

function stagesAnswer({ stages }: EnergyPrediction): PredictAnswer['prediction']['stages'] {
  const { cpuForecast, nodeUtil, nodePower, attribution } = stages;
  return {
    cpu_forecast: {
      mean_cores: cpuForecast.meanCores,
      interval_cores: pair(cpuForecast.intervalCores),
      samples_given: cpuForecast.samplesGiven,
      samples_used: cpuForecast.samplesUsed,
    },
    node_util: {
      percent: nodeUtil.percent,
      interval_percent: pair(nodeUtil.intervalPercent),
      limited: nodeUtil.limited,
    },
    node_power: {
      watts: nodePower.watts,
      interval_watts: pair(nodePower.intervalWatts),
      idle_watts: nodePower.idleWatts,
      max_watts: nodePower.maxWatts,
      limited: nodePower.limited,
    },
    attribution: {
      idle_watts: attribution.idleWatts,
      active_watts: attribution.activeWatts,
      others_watts: [...attribution.othersWatts],
      unattributed_watts: attribution.unattributedWatts,
    },
  };
}

function pair({ lower, upper }: Interval): [number, number] {
  return [lower, upper];
}
