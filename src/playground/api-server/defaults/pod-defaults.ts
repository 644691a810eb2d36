/** Defaults of pods, their templates and containers. */
import type { DefaultRule } from '../decode/decoder.ts';
import { type JsonObject, asObject, asObjects, asText, isObject, objectAt } from '../json/json.ts';
import { changedItems, constants, fill, filled } from './fill.ts';
import { defaultPodLevelResources } from './pod-level-resources.ts';

const FILE_MODE = 0o644;

/** `latest`, said or meant, is pulled always. */
function pullPolicyOf(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  if (image.includes('@'))
    return name.split('@')[0]?.endsWith(':latest') === true ? 'Always' : 'IfNotPresent';
  const colon = name.indexOf(':');
  return colon < 0 || name.slice(colon + 1) === 'latest' ? 'Always' : 'IfNotPresent';
}

const container: DefaultRule = (draft) => {
  fill(draft, {
    imagePullPolicy: pullPolicyOf(asText(draft['image'])),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
};

const podSpec: DefaultRule = (draft) => {
  fill(draft, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
  });
  // The old name of the field is kept in step with the new one.
  const account = draft['serviceAccountName'] ?? draft['serviceAccount'];
  if (account !== undefined) fill(draft, { serviceAccountName: account, serviceAccount: account });
  if (draft['serviceAccount'] !== undefined) draft['serviceAccount'] = draft['serviceAccountName'];
};

/** Requests that are not said equal the limits: of pods only, not of templates. */
function withRequests(container: JsonObject): JsonObject {
  const limits = objectAt(container, 'resources', 'limits');
  const requests = objectAt(container, 'resources', 'requests');
  const completed = filled(requests, limits);
  if (completed === requests) return container;
  return { ...container, resources: { ...asObject(container['resources']), requests: completed } };
}

function withHostPorts(container: JsonObject): JsonObject {
  const ports = asObjects(container['ports']);
  const filledPorts = changedItems(ports, (port) => filled(port, { hostPort: port['containerPort'] }));
  return filledPorts === ports ? container : { ...container, ports: filledPorts };
}

const pod: DefaultRule = (draft) => {
  const spec = { ...asObject(draft['spec']) };
  const isHostNetwork = spec['hostNetwork'] === true;
  for (const name of ['containers', 'initContainers']) {
    const list = spec[name];
    if (!Array.isArray(list)) continue;
    spec[name] = changedItems(asObjects(list), (item) => {
      const requested = withRequests(item);
      return isHostNetwork ? withHostPorts(requested) : requested;
    });
  }
  fill(spec, { enableServiceLinks: true });
  draft['spec'] = defaultPodLevelResources(spec);
};

const volume: DefaultRule = (draft) => {
  if (Object.keys(draft).length === 1) draft['emptyDir'] = {};
  const image = draft['image'];
  if (isObject(image))
    draft['image'] = filled(image, { pullPolicy: pullPolicyOf(asText(image['reference'])) });
};

export const POD_DEFAULTS: Readonly<Record<string, DefaultRule>> = {
  'core.v1.Container': container,
  'core.v1.EphemeralContainer': container,
  'core.v1.PodSpec': podSpec,
  'core.v1.Pod': pod,
  'core.v1.Volume': volume,
  'core.v1.Probe': constants({
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  }),
  'core.v1.HTTPGetAction': constants({ path: '/', scheme: 'HTTP' }),
  'core.v1.GRPCAction': constants({ service: '' }),
  'core.v1.SecretVolumeSource': constants({ defaultMode: FILE_MODE }),
  'core.v1.ConfigMapVolumeSource': constants({ defaultMode: FILE_MODE }),
  'core.v1.DownwardAPIVolumeSource': constants({ defaultMode: FILE_MODE }),
  'core.v1.ProjectedVolumeSource': constants({ defaultMode: FILE_MODE }),
  'core.v1.ServiceAccountTokenProjection': constants({ expirationSeconds: 3600 }),
  'core.v1.ObjectFieldSelector': constants({ apiVersion: 'v1' }),
  'core.v1.HostPathVolumeSource': (draft) => {
    draft['type'] ??= '';
  },
};
