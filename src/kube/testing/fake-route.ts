/** Reads a request path of the Kubernetes API. */
import { type KubeObject, keyText } from '#apis/kubernetes/object.ts';

export interface FakeRoute {
  /** Group, version and plural: `apis/apps/v1/deployments`. */
  readonly collection: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
  /** `namespace/name` of the object. */
  readonly key: string;
  /** True where the request is about this object: its namespace and its labels match. */
  selects(object: KubeObject): boolean;
}

const PATH =
  /^\/(api\/[^/]+|apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;
const NAMESPACE_PATH = /^\/api\/v1\/namespaces(?:\/([^/]+))?$/;

export function parseRoute(pathAndQuery: string): FakeRoute | undefined {
  const { pathname, searchParams: query } = new URL(pathAndQuery, 'http://fake');
  const asNamespace = NAMESPACE_PATH.exec(pathname);
  const match =
    asNamespace === null
      ? PATH.exec(pathname)
      : [pathname, 'api/v1', undefined, 'namespaces', asNamespace[1]];
  if (match === null) return undefined;
  const [, root = '', namespace, plural = '', name, subresource] = match.map((part) =>
    part === undefined ? undefined : decodeURIComponent(part),
  );
  const labels = (query.get('labelSelector') ?? '').split(',').filter((part) => part.includes('='));
  return {
    collection: `${root}/${plural}`,
    namespace,
    name,
    subresource,
    query,
    key: keyText({ namespace, name: name ?? '' }),
    selects: (object) => {
      if (namespace !== undefined && object.metadata?.namespace !== namespace) return false;
      return labels.every((label) => {
        const [key = '', value = ''] = label.split('=');
        return object.metadata?.labels?.[key] === value;
      });
    },
  };
}
