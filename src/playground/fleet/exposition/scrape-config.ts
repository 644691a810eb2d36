/** The labels by which Prometheus knows the fleet's targets, in scrape configurations and in backfilled series. */
import { stringify } from 'yaml';
import type { Labels } from './metric-text.ts';

export interface ScrapeTargets {
  /** `host:port` of an ExpositionServer. */
  readonly address: string;
  readonly nodes: readonly string[];
  /** Default 15. */
  readonly intervalSeconds?: number;
}

/** What a scrape of a node's cAdvisor adds to each series, in the names of kube-prometheus. */
export function cadvisorTargetLabels(node: string): Labels {
  return { job: 'kubelet', metrics_path: '/metrics/cadvisor', node, instance: node };
}

export function kubeStateTargetLabels(): Labels {
  return { job: 'kube-state-metrics', instance: 'kube-state-metrics' };
}

/** A prometheus.yml that scrapes every node's cAdvisor and kube-state-metrics. */
export function prometheusConfig({ address, nodes, intervalSeconds = 15 }: ScrapeTargets): string {
  const kubelets = nodes.map((node) => {
    const { job: _job, ...labels } = cadvisorTargetLabels(node);
    return {
      job_name: `kubelet/${node}`,
      metrics_path: `/nodes/${encodeURIComponent(node)}/metrics/cadvisor`,
      static_configs: [{ targets: [address], labels: { ...labels, job: 'kubelet' } }],
    };
  });
  const { instance = '' } = kubeStateTargetLabels();
  const state = {
    job_name: 'kube-state-metrics',
    metrics_path: '/kube-state-metrics/metrics',
    honor_labels: true,
    static_configs: [{ targets: [address], labels: { instance } }],
  };
  return stringify({
    global: { scrape_interval: `${intervalSeconds}s`, scrape_timeout: `${Math.min(10, intervalSeconds)}s` },
    scrape_configs: [...kubelets, state],
  });
}
