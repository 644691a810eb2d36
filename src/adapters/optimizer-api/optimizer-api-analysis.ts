/** Analyses by the optimizer API: one call for each, with all that the operator knows of the workload. */
import type { OptimizeRequest } from '#apis/optimizer-api/requests.ts';
import type { Analysis } from '#domain/recommendation/analysis.ts';
import type { AnalysisRequest, AnalysisSource } from '#domain/recommendation/analysis-source.ts';
import { formatDuration } from '#domain/units/duration.ts';
import { KcError } from '#errors/kc-error.ts';
import type { OptimizerEndpoint } from './optimizer-endpoint.ts';
import { readAnswer } from './read-answer.ts';

export class OptimizerApiAnalysis implements AnalysisSource {
  readonly #endpoint: OptimizerEndpoint;

  constructor(endpoint: OptimizerEndpoint) {
    this.#endpoint = endpoint;
  }

  get name(): string {
    return this.#endpoint.name;
  }

  async analyze(request: AnalysisRequest): Promise<Analysis> {
    const { kind, namespace, name } = request.policy.target;
    const id = [kind, namespace, name].join(':');
    const answer = await this.#endpoint.post(`/optimize/${encodeURIComponent(id)}`, bodyOf(request));
    const analysis = readAnswer(answer, request.policy.type, request.query.toMs);
    if (analysis !== undefined) return analysis;
    const problem = 'the answer is no analysis of what was asked: is this an optimizer API of KCloud?';
    throw new KcError('KC_OPTIMIZER_UNAVAILABLE', { object: this.name, problem });
  }
}

/** Confidence and risk are judged here, where a user sees which gate is closed: nothing is filtered there. */
function bodyOf({ policy, query, present, replicas, floors, autoscaler }: AnalysisRequest): OptimizeRequest {
  return {
    min_confidence: 0,
    max_risk_level: 'CRITICAL',
    context: {
      optimization_type: policy.type,
      metrics_window: formatDuration(query.toMs - query.fromMs),
      max_change_percent: policy.maxChangePercent,
      present: { ...present },
      replicas,
      floors: { ...floors },
      ...(autoscaler === undefined ? {} : { autoscaler }),
      ...(policy.containers.length === 0 ? {} : { containers: [...policy.containers] }),
    },
  };
}
