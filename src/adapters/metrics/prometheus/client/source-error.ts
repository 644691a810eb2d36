/** What a metrics source answers instead of data, and what can be done about it. */
import type { ErrorCode } from '#errors/catalogue.ts';
import { type ErrorDetail, KcError, isKcError, messageOf } from '#errors/kc-error.ts';

/** How a failed query may yet succeed: asked again later, for less time, for fewer series, or not at all. */
export type Remedy = 'repeat' | 'split' | 'narrow' | 'none';

/** KC_METRICS_UNAVAILABLE or KC_PROMQL_INVALID. */
export class SourceError extends KcError {
  readonly remedy: Remedy;

  constructor(code: ErrorCode, remedy: Remedy, detail: ErrorDetail) {
    super(code, detail);
    this.name = 'SourceError';
    this.remedy = remedy;
  }
}

/** The query asks for more than the source serves at once: samples, points, time. Less time asks for less. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof SourceError && error.remedy === 'split';
}

/** The query matches more series than the source serves at once, however short the time. */
export function isTooWide(error: unknown): boolean {
  return error instanceof SourceError && error.remedy === 'narrow';
}

const LESS = 'ask for less at once, or raise the limits of the metrics source';

export function tooLarge(source: string, problem: string): SourceError {
  return new SourceError('KC_METRICS_UNAVAILABLE', 'split', { object: source, problem, fix: LESS });
}

/** The error for whatever kept an answer from coming: a broken connection, a body that is no JSON. */
export function connectionError(source: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const problem = isKcError(error) ? error.problem : messageOf(error);
  return new SourceError('KC_METRICS_UNAVAILABLE', 'repeat', { object: source, problem, cause: error });
}

/** An answer that carries no data. */
export interface Refusal {
  /** The name of the source for people. */
  readonly source: string;
  readonly status: number;
  readonly body: string;
}

interface ErrorBody {
  readonly errorType?: string;
  readonly error?: string;
  readonly message?: string;
}

/**
 * "query processing would load too many samples", "exceeded maximum resolution of 11,000 points", "query timed out"
 * (Prometheus); "exceeds the limit", "exceeded the maximum number of chunks", "the query time range exceeds the limit" (Mimir);
 * "cannot select more than -search.maxSamplesPerQuery", "too many points for the given step" (VictoriaMetrics).
 */
const TOO_LARGE =
  /too many|too large|would load|exceed|maximum|the limit|cannot select more|max number|tim(?:e|ed) ?-?out/i;
/**
 * "the query exceeded the maximum number of series (… err-mimir-max-series-per-query)", "the query hit the max number of
 * series limit" (Mimir, Cortex); "the number of matching timeseries exceeds … -search.maxUniqueTimeseries"
 * (VictoriaMetrics); "exceeded series limit" (Thanos).
 */
const TOO_WIDE =
  /max-series-per-query|max(?:imum)? number of series|matching (?:unique )?timeseries|series limit/i;
/** What these say with such words is about something else: who asks, how often, a server that starts. */
const NEVER_TOO_LARGE: ReadonlySet<number> = new Set([401, 403, 404, 429, 502]);
const SHOWN_CHARACTERS = 300;

/** The error that an answer without data stands for. */
export function refusalError({ source, status, body }: Refusal): SourceError {
  const { errorType = '', error: said = body.slice(0, SHOWN_CHARACTERS).trim() } = parseError(body);
  const problem = `${String(status)} ${errorType === '' ? '' : `${errorType}: `}${said}`.trim();
  if (isLarge(status, errorType, said)) return sizeError(source, problem, said);
  const isOurs = errorType === 'bad_data' || errorType === 'execution';
  if (isOurs && status < 500)
    return new SourceError('KC_PROMQL_INVALID', 'none', { object: source, problem });
  const remedy = status === 429 || status >= 500 ? 'repeat' : 'none';
  return new SourceError('KC_METRICS_UNAVAILABLE', remedy, {
    object: source,
    problem,
    ...adviceFor(status, said),
  });
}

function isLarge(status: number, errorType: string, said: string): boolean {
  if (NEVER_TOO_LARGE.has(status)) return false;
  return status === 413 || status === 504 || errorType === 'timeout' || TOO_LARGE.test(said);
}

function sizeError(source: string, problem: string, said: string): SourceError {
  if (!TOO_WIDE.test(said)) return tooLarge(source, problem);
  return new SourceError('KC_METRICS_UNAVAILABLE', 'narrow', { object: source, problem, fix: LESS });
}

function adviceFor(status: number, said: string): { readonly fix?: string } {
  if (/no org id/i.test(said)) {
    return { fix: 'name the tenant, e.g. --prometheus-header "X-Scope-OrgID: <tenant>"' };
  }
  if (status === 401 || status === 403) {
    return { fix: 'check the credentials for the metrics source and what they may read' };
  }
  if (status === 404) return { fix: 'check the address: its path must end where /api/v1/query begins' };
  return {};
}

/** `error` is what Prometheus says, or what an API server says that stands between. */
function parseError(body: string): Pick<ErrorBody, 'errorType' | 'error'> {
  try {
    const parsed: unknown = JSON.parse(body);
    const { errorType, error, message }: ErrorBody =
      typeof parsed === 'object' && parsed !== null ? parsed : {};
    const said = error ?? message;
    return {
      ...(errorType === undefined ? {} : { errorType }),
      ...(said === undefined ? {} : { error: said }),
    };
  } catch {
    return {};
  }
}
