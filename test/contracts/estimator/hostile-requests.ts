/** Requests that no client should send to the estimator: generated, so that nobody has to think of each. */
import fc from 'fast-check';

export interface HostileRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const POSTS = ['/predict/energy', '/calibrate', '/profile/classify'];
const GETS = ['/power/current', '/power/containers', '/power/nodes', '/cost/current', '/cost/hourly', '/cost/workload/ID', '/calibration/config', '/profile/workload-types', '/cost/export/csv', '/cost/export/focus']; // prettier-ignore
const PARAMETERS = [
  'namespace',
  'workload',
  'node',
  'limit',
  'after',
  'time_range',
  'start',
  'end',
  '__proto__',
  'x',
];
const FIELDS = [
  'container_name', 'pod_name', 'namespace', 'historical_cpu_cores', 'container_cpu_request', 'node_current_util', 'node_idle_util',
  'containers_on_node', 'prediction_horizon_minutes', 'step_minutes', 'confidence_level', 'container_node_data', 'node_power_data',
  'samples', 'step_seconds', 'workload_id', 'labels', 'command', 'gpus_requested', 'max_power_watts', '__proto__', 'constructor',
]; // prettier-ignore

const SOUND = {
  '/predict/energy': { container_name: 'a', pod_name: 'a-0', historical_cpu_cores: [0.8, 0.9, 1, 0.7], container_cpu_request: 1, node_current_util: 45, node_idle_util: 5 },
  '/calibrate': { container_node_data: [{ container_cpu_cores: 0.5, node_cpu_util_percent: 15 }, { container_cpu_cores: 1, node_cpu_util_percent: 28 }], node_power_data: [{ node_cpu_util_percent: 0, node_power_watts: 54 }, { node_cpu_util_percent: 50, node_power_watts: 85 }] },
  '/profile/classify': { samples: [{ power_watts: 400, cpu_utilization: 0.5 }] },
} as const; // prettier-ignore

const oddNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, -1, 1e308, -1e308, 5e-324, 2 ** 53, 0.1, 100, 101, 240, 241, 1e-300),
);
const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('NaN', 'Infinity', '-0', '1e999', '9'.repeat(400), '0x10', ' 5', '', 'null', '\u202E', '💥'.repeat(20), '\u0000', '2026-01-01', '2026-02-31T25:61:00Z', '5m', '0s', '-1d', '2026-01-01T00:00:00+09:00', '9999-12-31T23:59:59Z', '1969-12-31T00:00:00Z', '.*', 'a"}) or vector(1) #', 'default:web', '::', '/', 'a/b/c/d'),
); // prettier-ignore
const oddPart = fc.oneof(
  oddText.map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom('..', '%2e%2e%2f%2e%2e%2fetc%2fpasswd', '%00', '%ff', '%', '%zz', ';', '//', '$%7bjndi:ldap://x%7d', 'a'.repeat(3_000), '%2F'.repeat(50)),
); // prettier-ignore

const oddPath = fc.oneof(
  { weight: 7, arbitrary: fc.tuple(fc.constantFrom(...POSTS, ...POSTS, ...GETS), oddPart).map(([path, id]) => path.replace('ID', id)) },
  { weight: 1, arbitrary: fc.constantFrom('/docs', '/openapi.json', '/health', '/live', '/ready', '/info', '/metrics', '/metrics/summary') },
  { weight: 1, arbitrary: oddPart.map((part) => `/${part}`) },
); // prettier-ignore

const oddQuery = fc
  .array(fc.tuple(fc.constantFrom(...PARAMETERS), oddPart), { maxLength: 3 })
  .map((pairs) =>
    pairs.length === 0 ? '' : `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`,
  );

const oddValue = fc.oneof(
  oddNumber,
  oddText,
  fc.jsonValue({ maxDepth: 3 }),
  fc.array(fc.oneof(oddNumber, fc.constant(null)), { maxLength: 300 }),
  fc.array(fc.record({ container_cpu_cores: oddNumber, node_cpu_util_percent: oddNumber }), { maxLength: 5 }),
  fc.array(fc.record({ node_cpu_util_percent: oddNumber, node_power_watts: oddNumber }), { maxLength: 5 }),
  fc.array(fc.record({ cpu_request: oddNumber, cpu_util: oddNumber }), { maxLength: 5 }),
  fc.array(fc.record({ power_watts: oddNumber, gpu_utilization: oddNumber, timestamp: oddText }), {
    maxLength: 30,
  }),
);

/** A sound body with a field or two that are odd: these get past the door. */
const nearlySound = (path: string) => {
  const [, sound] = Object.entries(SOUND).find(([known]) => path.startsWith(known)) ?? [];
  const changes = fc.dictionary(fc.constantFrom(...FIELDS), oddValue, { maxKeys: 2 });
  return changes.map((change) => safeJson({ ...sound, ...change }));
};

/** JSON knows no NaN; what JavaScript would write as null is written as it is, which no parser takes. */
function safeJson(value: unknown): string {
  return JSON.stringify(value, (_name, one: unknown) =>
    typeof one === 'number' && !Number.isFinite(one) ? 1e308 : one,
  );
}

const oddBody = fc.oneof(
  fc.json({ maxDepth: 6 }),
  oddText,
  fc.constantFrom(
    '', '   ', '{', '{"historical_cpu_cores": [NaN]}', '{"container_cpu_request": 1e400}', '{"a":1}{"b":2}', 'null', '[]', '"x"', 'true', '\uFEFF{}',
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`, `{"historical_cpu_cores":[${'0.8,'.repeat(100_000)}0.8]}`, `{"x":"${'y'.repeat(5_000_000)}"}`,
    '{"__proto__":{"admin":true}}', '{"\\u005f_proto__":{"admin":true}}', '{"constructor":{"prototype":{"x":1}}}',
  ),
); // prettier-ignore

const contentType = fc.oneof(
  { weight: 9, arbitrary: fc.constant('application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'text/plain',
      'application/xml',
      'application/json; charset=utf-16',
      '*/*',
      'x',
    ),
  },
);

const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];

export const hostileRequest: fc.Arbitrary<HostileRequest> = oddPath.chain((path) => {
  const isPost = POSTS.includes(path);
  return fc.record({
    method: fc.oneof({ weight: 6, arbitrary: fc.constant(isPost ? 'POST' : 'GET') }, { weight: 1, arbitrary: fc.constantFrom(...METHODS) }),
    path: isPost ? fc.constant(path) : oddQuery.map((query) => path + query),
    headers: contentType.map((type) => ({ 'content-type': type })),
    body: isPost ? fc.oneof({ weight: 4, arbitrary: nearlySound(path) }, { weight: 1, arbitrary: oddBody }) : fc.constant(undefined),
  });
}); // prettier-ignore
