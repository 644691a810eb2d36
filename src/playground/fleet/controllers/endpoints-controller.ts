/** Tells which pods stand behind each Service: one EndpointSlice per Service, and the older Endpoints. */
import type { Pod, Service } from '#apis/kubernetes/builtin.ts';
import { type KubeObject, keyOf } from '#apis/kubernetes/object.ts';
import { isNotFound } from '#kube/client/api-error.ts';
import { PODS, SERVICES } from '#kube/client/builtin-types.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { Component, FleetContext } from '../fleet-context.ts';
import type { SelectorIndex } from '../selector-index.ts';
import { isDeleting, labelsOf, nameOf, namespaceOf, uidOf } from '../meta.ts';
import { stableText } from '../naming.ts';
import { isFinished, isReady } from '../resources.ts';
import { matchesLabels } from '../selectors.ts';
import { ControlLoop } from './control-loop.ts';
import { controllerReference } from './writing.ts';

type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number];

const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';

const ENDPOINT_SLICES: ResourceType = {
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
  namespaced: true,
};
const ENDPOINTS: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'endpoints',
  kind: 'Endpoints',
  namespaced: true,
};

export class EndpointsController implements Component {
  readonly #context: FleetContext;
  readonly #pods: SelectorIndex<Pod>;
  readonly #loop: ControlLoop<Service>;
  readonly #stopPods: () => void;

  constructor(context: FleetContext) {
    this.#context = context;
    this.#pods = context.indexes.podsByLabels;
    this.#loop = new ControlLoop({
      name: 'endpointslice-controller',
      context,
      type: SERVICES,
      reconcile: (service) => this.#reconcile(service),
    });
    this.#stopPods = context.access.onChange(PODS, ({ object, previous }) => {
      if (previous !== undefined && !isOtherEndpoint(object, previous)) return;
      for (const service of context.access.list(SERVICES, namespaceOf(object))) {
        if (selects(service, object)) this.#loop.enqueue(service);
      }
    });
  }

  stop(): void {
    this.#stopPods();
    this.#loop.stop();
  }

  async #reconcile(service: Service): Promise<undefined> {
    if (service.spec?.selector === undefined || isDeleting(service)) return undefined;
    const pods = this.#pods
      .select(namespaceOf(service), { matchLabels: service.spec.selector })
      .filter((pod) => !isFinished(pod) && (pod.status?.podIP ?? '') !== '');
    await this.#write(ENDPOINT_SLICES, sliceOf(service, pods));
    await this.#write(ENDPOINTS, endpointsOf(service, pods));
    return undefined;
  }

  /** Creates the object or brings it to what it should say. */
  async #write(type: ResourceType, wanted: KubeObject): Promise<void> {
    const { access } = this.#context;
    const known = access.get(type, keyOf(wanted));
    if (known === undefined) {
      await access.create(type, wanted);
      return;
    }
    const { metadata: _metadata, ...body } = wanted;
    const { metadata: _before, ...now } = known;
    if (stableText({ ...now, ...body }) === stableText(now)) return;
    try {
      await access.mergePatch(type, keyOf(wanted), { body });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function selects(service: Service, pod: Pod): boolean {
  const selector = service.spec?.selector;
  return selector !== undefined && matchesLabels(selector, labelsOf(pod));
}

function isOtherEndpoint(pod: Pod, before: Pod): boolean {
  const facts = (each: Pod): string =>
    stableText([labelsOf(each), each.status?.podIP, isReady(each), isDeleting(each), isFinished(each)]);
  return facts(pod) !== facts(before);
}

/** The number of a named or numbered target port in a pod. */
function targetPort(port: ServicePort, pod: Pod | undefined): number {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target;
  const ports = (pod?.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  return ports.find((candidate) => candidate.name === target)?.containerPort ?? port.port;
}

function portsOf(service: Service, pods: readonly Pod[]): readonly object[] {
  return (service.spec?.ports ?? []).map((port) => ({
    name: port.name ?? '',
    port: targetPort(port, pods[0]),
    protocol: port.protocol ?? 'TCP',
  }));
}

function referenceTo(pod: Pod): object {
  return { kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod), uid: uidOf(pod) };
}

function sliceOf(service: Service, pods: readonly Pod[]): KubeObject {
  const endpoints = pods.map((pod) => ({
    addresses: [pod.status?.podIP ?? ''],
    conditions: {
      ready: isReady(pod) && !isDeleting(pod),
      serving: isReady(pod),
      terminating: isDeleting(pod),
    },
    nodeName: pod.spec?.nodeName ?? '',
    targetRef: referenceTo(pod),
  }));
  const slice = {
    metadata: {
      name: `${nameOf(service)}-${uidOf(service).slice(0, 5)}`,
      namespace: namespaceOf(service),
      labels: {
        ...labelsOf(service),
        [SERVICE_NAME]: nameOf(service),
        [MANAGED_BY]: 'endpointslice-controller.k8s.io',
      },
      ownerReferences: [controllerReference(SERVICES, service)],
    },
    addressType: 'IPv4',
    endpoints,
    ports: portsOf(service, pods),
  };
  return slice;
}

function endpointsOf(service: Service, pods: readonly Pod[]): KubeObject {
  const address = (pod: Pod): object => ({
    ip: pod.status?.podIP ?? '',
    nodeName: pod.spec?.nodeName ?? '',
    targetRef: referenceTo(pod),
  });
  const alive = pods.filter((pod) => !isDeleting(pod));
  const ready = alive.filter(isReady).map(address);
  const notReady = alive.filter((pod) => !isReady(pod)).map(address);
  const subset = {
    ...(ready.length === 0 ? {} : { addresses: ready }),
    ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
    ports: portsOf(service, pods),
  };
  const endpoints = {
    metadata: { name: nameOf(service), namespace: namespaceOf(service), labels: labelsOf(service) },
    subsets: alive.length === 0 ? [] : [subset],
  };
  return endpoints;
}
