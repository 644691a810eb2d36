/**
 * The catalogue of errors: a stable code, the HTTP status, whether a retry can help, what the code means and
 * what the reader should do. `docs/reference/errors.md` is generated from it.
 */

/** `never`: the input must change; `backoff`: the same call may succeed later. */
export type RetryKind = 'never' | 'backoff';

export interface CatalogueEntry {
  readonly status: number;
  readonly retry: RetryKind;
  readonly meaning: string;
  readonly fix: string;
}

/** Keeps the literal keys while checking every entry's shape. */
function catalogue<K extends string>(entries: Record<K, CatalogueEntry>): Record<K, CatalogueEntry> {
  return entries;
}

export const CATALOGUE = catalogue({
  KC_QUANTITY_INVALID: {
    status: 422,
    retry: 'never',
    meaning: 'A text is not a Kubernetes quantity.',
    fix: 'write a number with an optional suffix, such as 500m, 2, 512Mi or 1.5Gi',
  },
  KC_DURATION_INVALID: {
    status: 422,
    retry: 'never',
    meaning: 'A text is not a duration or lies outside its bounds.',
    fix: 'write a whole number with a unit, such as 30s, 15m, 24h or 7d',
  },
  KC_SCHEDULE_INVALID: {
    status: 422,
    retry: 'never',
    meaning: 'A cron expression or its time zone cannot be read.',
    fix: 'write five fields such as "0 */6 * * *", and a time zone such as Asia/Seoul',
  },
  KC_WINDOW_INVALID: {
    status: 422,
    retry: 'never',
    meaning: 'A window of scheduled scaling cannot be read.',
    fix: 'write times such as 20:00 that differ from each other; 24:00 is the end of the day',
  },
  KC_CONFIG_INVALID: {
    status: 422,
    retry: 'never',
    meaning: 'A setting (flag, environment variable or file) cannot be used.',
    fix: 'correct the setting; `kcloud help` lists them all with their defaults',
  },
  KC_KUBECONFIG_INVALID: {
    status: 422,
    retry: 'never',
    meaning: 'The kubeconfig cannot be read or lacks what is needed to reach the cluster.',
    fix: 'check the file with `kubectl config view`, or name another with --kubeconfig',
  },
  KC_CREDENTIALS_UNAVAILABLE: {
    status: 503,
    retry: 'backoff',
    meaning: 'Credentials could not be obtained (exec plugin, OIDC refresh, token file).',
    fix: 'run the command by hand to see why it fails, then try again',
  },
  KC_API_UNREACHABLE: {
    status: 503,
    retry: 'backoff',
    meaning: 'The Kubernetes API server did not answer in time or the connection broke.',
    fix: 'check the address and the network; the call is repeated with backoff',
  },
  KC_API_REFUSED: {
    status: 502,
    retry: 'backoff',
    meaning: 'The Kubernetes API server answered with an error status.',
    fix: 'read the reason given by the API server',
  },
  KC_WATCH_EXPIRED: {
    status: 410,
    retry: 'backoff',
    meaning: 'The resource version of a watch is too old; a fresh list is needed.',
    fix: 'nothing to do: the list is taken again',
  },
  KC_ROLLBACK_STATE_UNREADABLE: {
    status: 500,
    retry: 'never',
    meaning: 'The stored original of a workload exists but cannot be read.',
    fix: 'restore the Secret that holds its key, or restore the workload by hand and delete the stored state',
  },
  KC_ROLLBACK_STATE_SUPERSEDED: {
    status: 409,
    retry: 'backoff',
    meaning:
      'The stored original of a workload was written by another operator meanwhile; the older one is not stored.',
    fix: 'nothing: it is read anew; seen again and again, two operators act at once: run them under one lease',
  },
  KC_ROLLBACK_STATE_FOREIGN: {
    status: 409,
    retry: 'never',
    meaning: 'A ConfigMap of the name that rollback state needs belongs to someone else.',
    fix: 'rename that ConfigMap',
  },
  KC_RESTORE_INCOMPLETE: {
    status: 504,
    retry: 'backoff',
    meaning: 'Workloads were not restored within the time, so it is too early to remove KCloud.',
    fix: 'see that the operator runs (kubectl -n cost-optimizer get deployments) and what keeps it (kubectl get costopt -A), and try again.',
  },
  KC_NOT_LEADER: {
    status: 503,
    retry: 'backoff',
    meaning: 'A write was held back because this process is not, or no longer surely, the leader.',
    fix: 'nothing to do: the leader does the work; the write is lost on purpose',
  },
  KC_RECONCILE_TIMEOUT: {
    status: 504,
    retry: 'backoff',
    meaning: 'One pass over an object took longer than its controller allows and was given up.',
    fix: 'look in the log for what it was waiting for; the object is tried again with backoff',
  },
  KC_PATCH_INVALID: {
    status: 422,
    retry: 'never',
    meaning: 'A JSON patch cannot be applied to its document.',
    fix: 'correct the path; a JSON patch needs every parent to exist',
  },
  KC_ADMISSION_FAILED: {
    status: 500,
    retry: 'backoff',
    meaning: 'An admission webhook could not decide in time or met an error; the failure policy decides.',
    fix: 'look in the log of the webhook; with the policy Ignore the object was accepted unchecked',
  },
  KC_SCHEMA_UNSUPPORTED: {
    status: 500,
    retry: 'never',
    meaning: 'A schema uses a shape that Kubernetes structural schemas cannot express.',
    fix: 'rewrite the schema with objects, arrays, literals and int-or-string only',
  },
  KC_SIMULATION_STALLED: {
    status: 500,
    retry: 'never',
    meaning: 'A simulation waits for something that virtual time does not bring.',
    fix: 'look at the last lines of the trace; code under simulation must wait on its Clock only',
  },
  KC_USAGE_PROFILE_INVALID: {
    status: 422,
    retry: 'never',
    meaning: 'The usage annotation of a simulated workload cannot be used.',
    fix: 'correct the annotation playground.kcloud.io/usage; src/playground/fleet/README.md lists its fields',
  },
  KC_TRACE_INVALID: {
    status: 422,
    retry: 'never',
    meaning: 'A usage trace does not exist or its file cannot be read.',
    fix: 'name a generated trace or, with --data, a recorded one, such as google2011/g002',
  },
  KC_METRICS_UNAVAILABLE: {
    status: 503,
    retry: 'backoff',
    meaning: 'The source of usage metrics did not answer, or answered with an error.',
    fix: 'check that the metrics source runs and is reachable; nothing is changed while usage is unknown',
  },
  KC_PRICES_INVALID: {
    status: 422,
    retry: 'never',
    meaning: 'A price list cannot be read.',
    fix: 'write one line per key, such as "m6i.xlarge: 0.192" or "m6i.xlarge/spot@us-east-1a: 0.071"',
  },
  KC_PRICES_UNAVAILABLE: {
    status: 503,
    retry: 'backoff',
    meaning: 'A price list could not be fetched; the last good one stays in force.',
    fix: 'check that the file is there, or that the address answers with the list',
  },
  KC_CARBON_INVALID: {
    status: 422,
    retry: 'never',
    meaning: 'A table of carbon intensity cannot be read.',
    fix: 'write CSV with a header such as "timestamp,gCO2/kWh" and one line per hour',
  },
  KC_PROMQL_INVALID: {
    status: 422,
    retry: 'never',
    meaning: 'A PromQL expression was refused by the metrics source.',
    fix: 'correct the expression; try it in the web page of the metrics source first',
  },
  KC_OPTIMIZER_UNAVAILABLE: {
    status: 503,
    retry: 'backoff',
    meaning: 'The optimizer API that the operator is told to use did not answer, or not with an analysis.',
    fix: 'check OPTIMIZER_API_URL and that the service runs; nothing is changed meanwhile',
  },
  KC_REQUEST_INVALID: {
    status: 422,
    retry: 'never',
    meaning: 'A field of a request has a value that it cannot have.',
    fix: 'correct the field; /docs shows what each request may say',
  },
  KC_REQUEST_MALFORMED: {
    status: 400,
    retry: 'never',
    meaning: 'A request cannot be read: its body is not JSON, or its address is not one.',
    fix: 'send JSON with the content type application/json',
  },
  KC_NOT_AUTHENTICATED: {
    status: 401,
    retry: 'never',
    meaning: 'A request carries no token, or one that the API server does not accept.',
    fix: 'send "Authorization: Bearer <token>", for example of `kubectl create token <service account>`',
  },
  KC_NOT_ALLOWED: {
    status: 403,
    retry: 'never',
    meaning: 'The caller is known but not among those who may do this.',
    fix: 'name the user or one of its groups in the flags of the service',
  },
  KC_NOT_FOUND: {
    status: 404,
    retry: 'never',
    meaning: 'What a request is about does not exist.',
    fix: 'GET /workloads lists the workloads, GET /recommendations the recommendations',
  },
  KC_METHOD_NOT_ALLOWED: {
    status: 405,
    retry: 'never',
    meaning: 'The address exists, but not with this method.',
    fix: 'use a method that the header Allow names',
  },
  KC_RECOMMENDATION_CHANGED: {
    status: 409,
    retry: 'never',
    meaning: 'A recommendation is not what is recommended any more, or cannot be applied.',
    fix: 'ask for recommendations again and apply one of those',
  },
  KC_BODY_TOO_LARGE: {
    status: 413,
    retry: 'never',
    meaning: 'The body of a request is longer than the service accepts.',
    fix: 'send less',
  },
  KC_MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    retry: 'never',
    meaning: 'The content type of a request is not one that the service reads.',
    fix: 'send JSON with the content type application/json',
  },
  KC_TOO_MANY_REQUESTS: {
    status: 429,
    retry: 'backoff',
    meaning: 'A caller asks more often than the service answers.',
    fix: 'wait as long as Retry-After says',
  },
  KC_NOT_READY: {
    status: 503,
    retry: 'backoff',
    meaning: 'The service has not read the cluster yet, or cannot follow it at the moment.',
    fix: 'wait as long as Retry-After says; /ready tells what is missing',
  },
  KC_INTERNAL: {
    status: 500,
    retry: 'never',
    meaning: 'A defect of KCloud.',
    fix: 'report it with the request id; the log has the details under the same id',
  },
  KC_DEMO_DIVERGED: {
    status: 500,
    retry: 'never',
    meaning: 'A scene of `kcloud demo` did not come about as it is told.',
    fix: 'try another --seed, leave --traces out, and report the seed that failed',
  },
  KC_STORE_CORRUPT: {
    status: 500,
    retry: 'never',
    meaning: 'A database file is damaged or is not a database of this kind.',
    fix: 'move the file away, or put a backup in its place; a new one is created at the next start',
  },
  KC_STORE_NEWER: {
    status: 500,
    retry: 'never',
    meaning: 'A database file was written by a newer version of KCloud.',
    fix: 'run that version or a later one, or name another file',
  },
  KC_STORE_UNAVAILABLE: {
    status: 503,
    retry: 'backoff',
    meaning: 'A database file cannot be opened, read or written (missing, locked, full disk, no permission).',
    fix: 'check the path, its permissions and the free space of its file system',
  },
  KC_SINK_UNAVAILABLE: {
    status: 503,
    retry: 'backoff',
    meaning:
      'A sink of power samples (InfluxDB) cannot be reached, does not answer in time, or cannot take them now.',
    fix: 'check its address, bucket, organisation and token; samples wait in the outbox meanwhile',
  },
  KC_SINK_REFUSED: {
    status: 502,
    retry: 'never',
    meaning: 'A sink of power samples refuses a batch for good.',
    fix: 'read the reason that it gives; the batch is passed over and counted',
  },
  KC_REDIS_UNAVAILABLE: {
    status: 503,
    retry: 'backoff',
    meaning: 'Redis cannot be reached, does not answer in time, or refuses a command.',
    fix: 'check REDIS_HOST, REDIS_PORT and the credentials; nothing is lost meanwhile, the ConfigMap holds the originals',
  },
});

export type ErrorCode = keyof typeof CATALOGUE;
