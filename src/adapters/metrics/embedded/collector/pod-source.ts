/** Where the collector gets the pods from: a list per poll, or whatever holds them already (an informer's store). */
import type { Container, ContainerStatus, Pod, ResourceRequirements } from '#apis/kubernetes/builtin.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { PODS } from '#kube/client/builtin-types.ts';
import type { CallLimits } from './metrics-api.ts';

export interface PodSource {
  /** Every pod of the cluster (or of the namespaces that we may see). Rejects where they cannot be had. */
  pods(limits: CallLimits): Promise<readonly Pod[]>;
}

/** Lists page by page and keeps of each pod only what the collector reads: some hundred bytes instead of kilobytes. */
export class ListedPods implements PodSource {
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  async pods(limits: CallLimits): Promise<readonly Pod[]> {
    return (await this.#client.list(PODS, limits, withoutTheRest)).items;
  }
}

function withoutTheRest({ metadata, spec, status }: Pod): Pod {
  return {
    metadata: metadataOnly(metadata ?? {}),
    spec: {
      containers: (spec?.containers ?? []).map(limitsOnly),
      initContainers: (spec?.initContainers ?? []).map(limitsOnly),
    },
    status: {
      containerStatuses: (status?.containerStatuses ?? []).map(endingsOnly),
      initContainerStatuses: (status?.initContainerStatuses ?? []).map(endingsOnly),
    },
  };
}

type Metadata = NonNullable<Pod['metadata']>;

function metadataOnly({
  name,
  namespace,
  uid,
  creationTimestamp,
  ownerReferences,
  labels,
}: Metadata): Metadata {
  const hash = labels?.['pod-template-hash'];
  const kept = hash === undefined ? undefined : { 'pod-template-hash': hash };
  return defined({ name, namespace, uid, creationTimestamp, ownerReferences, labels: kept });
}

function limitsOnly({ name, resources, restartPolicy }: Container): Container {
  return { name, ...defined({ resources: limitsOf(resources), restartPolicy }) };
}

/** How often and why it ended; the fields that every status has are left empty. */
function endingsOnly({ name, restartCount, lastState, state, resources }: ContainerStatus): ContainerStatus {
  const ended = defined({
    lastState: lastState?.terminated === undefined ? undefined : { terminated: lastState.terminated },
    state: state?.terminated === undefined ? undefined : { terminated: state.terminated },
    resources: limitsOf(resources),
  });
  return { name, restartCount, image: '', imageID: '', ready: false, ...ended };
}

function limitsOf(resources: ResourceRequirements | undefined): ResourceRequirements | undefined {
  return resources?.limits === undefined ? undefined : { limits: resources.limits };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(value: T): Defined<T> {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}
