/** What the kubelet of a node exposes at /metrics/resource: what metrics-server reads. */
import { NODES } from '#kube/client/builtin-types.ts';
import { createdMs } from '../meta.ts';
import { podCpuSeconds } from '../usage/fleet-usage.ts';
import { type FleetView, SYSTEM_BYTES, SYSTEM_CORES, podMemoryBytes, podsOn } from './fleet-view.ts';
import { type MetricFamily, MetricText } from './metric-text.ts';

function counter(name: string, help: string): MetricFamily {
  return { name, type: 'counter', help };
}

function gauge(name: string, help: string): MetricFamily {
  return { name, type: 'gauge', help };
}

const CONTAINER_CPU = counter(
  'container_cpu_usage_seconds_total',
  '[STABLE] Cumulative cpu time consumed by the container in core-seconds',
);
const CONTAINER_MEMORY = gauge(
  'container_memory_working_set_bytes',
  '[STABLE] Current working set of the container in bytes',
);
const CONTAINER_START = gauge(
  'container_start_time_seconds',
  '[STABLE] Start time of the container since unix epoch in seconds',
);
const POD_CPU = counter(
  'pod_cpu_usage_seconds_total',
  '[STABLE] Cumulative cpu time consumed by the pod in core-seconds',
);
const POD_MEMORY = gauge('pod_memory_working_set_bytes', '[STABLE] Current working set of the pod in bytes');
const NODE_CPU = counter(
  'node_cpu_usage_seconds_total',
  '[STABLE] Cumulative cpu time consumed by the node in core-seconds',
);
const NODE_MEMORY = gauge(
  'node_memory_working_set_bytes',
  '[STABLE] Current working set of the node in bytes',
);
const SCRAPE_ERROR = gauge(
  'resource_scrape_error',
  '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise',
);

export function resourceText(view: FleetView, nodeName: string): string {
  const text = new MetricText();
  const node = view.context.access.get(NODES, { name: nodeName });
  const nowMs = view.context.clock.now();
  let memoryBytes = SYSTEM_BYTES;
  for (const pod of podsOn(view, nodeName)) {
    const place = { namespace: pod.namespace, pod: pod.name };
    for (const [container, meter] of pod.meters) {
      const labels = { container, ...place };
      const reading = meter.read(nowMs);
      text.add(CONTAINER_CPU, labels, reading.cpuSeconds);
      text.add(CONTAINER_MEMORY, labels, Math.round(reading.memoryBytes));
      text.add(CONTAINER_START, labels, meter.startedMs / 1000);
    }
    const bytes = podMemoryBytes(pod, nowMs);
    text.add(POD_CPU, place, podCpuSeconds(pod, nowMs));
    text.add(POD_MEMORY, place, Math.round(bytes));
    memoryBytes += bytes;
  }
  const upSeconds = node === undefined ? 0 : (nowMs - createdMs(node)) / 1000;
  text.add(NODE_CPU, {}, view.usage.nodeCpuSeconds(nodeName, nowMs) + upSeconds * SYSTEM_CORES);
  text.add(NODE_MEMORY, {}, Math.round(memoryBytes));
  text.add(SCRAPE_ERROR, {}, 0);
  return text.text();
}
