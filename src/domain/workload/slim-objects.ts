/** Objects without what no decision reads, for local copies of whole clusters. */
import type { BuiltinMeta, Pod, PodSpec } from '#apis/kubernetes/builtin.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Metadata without its two largest parts. */
export function slimMetadata(metadata: BuiltinMeta | undefined): BuiltinMeta {
  const { managedFields: _dropped, annotations, ...rest } = metadata ?? {};
  if (annotations === undefined) return rest;
  const { [LAST_APPLIED]: _applied, ...kept } = annotations;
  return { ...rest, annotations: kept };
}

/** The sizes of a pod spec and where it runs. */
export function slimPodSpec(spec: PodSpec | undefined): PodSpec {
  const { containers = [], initContainers, nodeName } = spec ?? {};
  return {
    containers: containers.map(slimContainer),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(slimContainer) }),
    ...(nodeName === undefined ? {} : { nodeName }),
  };
}

type Container = PodSpec['containers'][number];

function slimContainer({ name, resources, resizePolicy, restartPolicy }: Container): Container {
  return {
    name,
    ...(resources === undefined ? {} : { resources }),
    ...(resizePolicy === undefined ? {} : { resizePolicy }),
    ...(restartPolicy === undefined ? {} : { restartPolicy }),
  };
}

export function slimPod({ metadata, spec, status = {} }: Pod): Pod {
  const { podIP: _ip, podIPs: _ips, hostIP: _host, hostIPs: _hosts, ...kept } = status;
  return { metadata: slimMetadata(metadata), spec: slimPodSpec(spec), status: kept };
}
