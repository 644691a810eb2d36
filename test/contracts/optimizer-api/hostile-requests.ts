/** Requests that no client should send: generated, so that nobody has to think of each. */
import fc from 'fast-check';

export interface HostileRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const POSTS = ['/analyze', '/optimize/ID', '/apply/ID', '/export/terraform'];
const GETS = [
  '/workloads',
  '/workloads/NS/NAME/metrics',
  '/recommendations',
  '/savings/history',
  '/export/csv',
];
const PARAMETERS = [
  'min_savings',
  'min_confidence',
  'limit',
  'days',
  'hours',
  'kind',
  'namespace',
  '__proto__',
  'x',
];
const FIELDS = [
  'min_confidence',
  'optimization_types',
  'max_risk_level',
  'context',
  'cluster_filter',
  'namespace_filter',
  'min_savings_threshold',
  'include_high_risk',
  'dry_run',
  'validation_timeout_seconds',
  'limit',
  '__proto__',
  'constructor',
];

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 60 }),
  fc.constantFrom(
    'NaN',
    'Infinity',
    '-0',
    '1e999',
    '9'.repeat(400),
    '0x10',
    ' 5',
    '',
    'null',
    '\u202E',
    '💥'.repeat(20),
    '\u0000',
  ),
);

/** `..`, encodings of it, bytes that are no UTF-8, and things that other servers fell for. */
const anyPart = fc.oneof(
  anyText.map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom('..', '%2e%2e', '%2e%2e%2f%2e%2e%2fetc%2fpasswd', '%00', '%ff', '%', '%zz', '%u0000', ';', '//', '~', '$%7bjndi:ldap://x%7d', 'a'.repeat(3_000), '%2F'.repeat(50)),
); // prettier-ignore

const queryOf = fc
  .array(fc.tuple(fc.constantFrom(...PARAMETERS), anyPart), { maxLength: 5 })
  .map((pairs) =>
    pairs.length === 0 ? '' : `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`,
  );

/** Something that is there, so that requests get past the door. */
export interface KnownWorkload {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
}

function pathOf({ id, namespace, name }: KnownWorkload): fc.Arbitrary<string> {
  const filled = (known: string) => fc.oneof(fc.constant(known), anyPart);
  const paths = fc
    .tuple(fc.constantFrom(...POSTS, ...GETS), filled(id), filled(name), filled(namespace))
    .map(([path, anId, aName, aNamespace]) =>
      path.replace('ID', anId).replace('NAME', aName).replace('NS', aNamespace),
    );
  return fc.oneof(
    { weight: 7, arbitrary: paths },
    { weight: 1, arbitrary: fc.constantFrom('/docs', '/openapi.json', '/health', '/ws', '/metrics') },
    { weight: 2, arbitrary: anyPart.map((part) => `/${part}`) },
  );
}

const someValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(1e308, -1e308, 9007199254740993, -1, 2.5, [], {}, [[]], [null], 'right_size_cpu', [
    'right_size_cpu',
    7,
  ]),
  fc.array(fc.constant('right_size_cpu'), { maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 3_000 }),
);

const nearlyRight = fc
  .dictionary(fc.constantFrom(...FIELDS), someValue, { maxKeys: 5 })
  .map((body) => JSON.stringify(body));

const anyBody = fc.oneof(
  { weight: 6, arbitrary: nearlyRight },
  { weight: 2, arbitrary: fc.json({ maxDepth: 6 }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '', '   ', '{', '{"min_confidence": NaN}', '{"min_confidence": 1e400}', '{"a":1}{"b":2}', 'null', '[]', '"x"', 'true', '\uFEFF{}',
      `${'['.repeat(20_000)}${']'.repeat(20_000)}`, `${'{"context":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
      '{"__proto__":{"admin":true}}', '{"\\u005f_proto__":{"admin":true}}', '{"constructor":{"prototype":{"x":1}}}',
      `{"min_confidence":"${'x'.repeat(300_000)}"}`, `{"context":{"optimization_type":"CPU","present":{"containers/a/requests/cpu":"${'9'.repeat(4_000)}"}}}`,
      '{"context":{"optimization_type":"CPU","metrics_window":"9999d"}}', '{"context":{"optimization_type":"REPLICAS","replicas":0}}',
      '{"context":{"optimization_type":"CPU","present":{"containers/frontend-web/requests/cpu":"NaN","replicas":-5}}}',
      '{"context":{"optimization_type":"CPU","containers":[{"name":"*","minCpu":"lots","maxCpu":"-1"}]}}',
      '{"context":{"optimization_type":"MEMORY","floors":{"containers/frontend-web/requests/memory":"1e999"}}}',
    ),
  },
  { weight: 1, arbitrary: anyText },
); // prettier-ignore

const contentType = fc.oneof(
  { weight: 8, arbitrary: fc.constant('application/json') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/json; charset=utf-16', 'application/x-www-form-urlencoded', '*/*', 'application/json;;;', 'x'),
  },
); // prettier-ignore

const oddHeaders = fc.record(
  {
    'x-request-id': fc.constantFrom('a', 'ü', 'x'.repeat(5_000), '<script>', '../../x'),
    accept: fc.constantFrom('text/html', 'application/x-nothing', ''),
    'accept-encoding': fc.constantFrom('br', 'zstd', 'identity;q=0'),
    expect: fc.constantFrom('100-continue'),
    'if-none-match': fc.constantFrom('*'),
    range: fc.constantFrom('bytes=0-', 'bytes=-1'),
    'content-encoding': fc.constantFrom('gzip', 'deflate', 'nonsense'),
  },
  { requiredKeys: [] },
);

const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];

export const hostileRequest = (known: KnownWorkload): fc.Arbitrary<HostileRequest> => fc
  .record({
    method: fc.oneof({ weight: 6, arbitrary: fc.constant('POST') }, { weight: 4, arbitrary: fc.constantFrom(...METHODS) }),
    path: fc.tuple(pathOf(known), queryOf).map(([path, query]) => path + query),
    type: contentType,
    odd: oddHeaders,
    body: fc.option(anyBody, { nil: undefined }),
  })
  .map(({ method, path, type, odd, body }) => ({
    method,
    path,
    headers: { ...latin1(odd), ...(body === undefined ? {} : { 'content-type': type }) },
    body,
  })); // prettier-ignore

/** Header values travel as single bytes. */
function latin1(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** What is no HTTP at all, or only nearly. */
export const RAW_ATTACKS: readonly string[] = [
  'GET / HTTP/9.9\r\n\r\n',
  'NONSENSE\r\n\r\n',
  `GET /workloads HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
  'POST /analyze HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: -5\r\n\r\n{}',
  'POST /analyze HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}',
  'POST /analyze HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  'GET /%E0%A4%A HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET http://elsewhere/workloads HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /ws HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 99\r\n\r\n',
  'GET /ws HTTP/1.1\r\nhost: x\r\nupgrade: nonsense\r\nconnection: Upgrade\r\n\r\n',
  '\u0016\u0003\u0001\u0002\u0000\u0001',
  '\r\n\r\n\r\n\r\n',
];
