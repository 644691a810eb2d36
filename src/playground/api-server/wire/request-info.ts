/** What a URL path asks for. */

export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  /** The plural name. */
  readonly plural: string;
  readonly name: string;
  readonly subresource: string;
  /** The rest of the path below the subresource. */
  readonly rest: string;
  /** The old form of a watch: `/api/v1/watch/pods`. */
  readonly isWatch: boolean;
}

/** Below a namespace these are parts of the namespace itself. */
const OWN_SUBRESOURCES = new Set(['status', 'finalize']);

/** The path of a resource below `/api` or `/apis`; undefined where it leads to something else. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const root = parts.shift();
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'api' ? '' : (parts.shift() ?? '');
  const version = parts.shift() ?? '';
  const isWatch = parts[0] === 'watch';
  if (isWatch) parts.shift();
  if (parts.length === 0) return undefined;
  return { group, version, isWatch, ...targetOf(parts.map(decodeURIComponent)) };
}

type Target = Pick<ResourcePath, 'namespace' | 'plural' | 'name' | 'subresource' | 'rest'>;

function targetOf(parts: readonly string[]): Target {
  const [first, second, third] = parts;
  const isNamespaced = first === 'namespaces' && second !== undefined;
  const isInside = isNamespaced && third !== undefined && !OWN_SUBRESOURCES.has(third);
  // Admission and authorization see a namespace as lying in itself.
  const namespace = isNamespaced ? second : '';
  const [plural, name, subresource, ...rest] = isInside ? parts.slice(2) : parts;
  return { namespace, ...filledIn({ plural, name, subresource }), rest: rest.join('/') };
}

function filledIn<K extends string>(values: Record<K, string | undefined>): Record<K, string> {
  const entries = Object.entries<string | undefined>(values).map(([key, value]) => [key, value ?? '']);
  return Object.fromEntries(entries) as Record<K, string>;
}
