/** What the Helm chart takes from the code, so that it cannot differ from the plain manifests: rights, webhooks, CRDs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { kubeYaml } from './kube-yaml.ts';

export interface ChartSources {
  readonly crds: readonly object[];
  readonly manifests: readonly KubeObject[];
  /** The folder with `rules.yaml` and `dashboards`, which a chart can only hold a copy of. */
  readonly monitoring: string;
}

/** Texts by their path in the chart's folder `files`. */
export function chartFiles({ crds, manifests, monitoring }: ChartSources): Readonly<Record<string, string>> {
  const part = (kind: string, field: string): string => {
    const found = manifests.find((object) => object.kind === kind) ?? {};
    const list: unknown = Object.entries(found).find(([name]) => name === field)?.[1];
    return kubeYaml([Array.isArray(list) ? list : []]);
  };
  const dashboards = readdirSync(join(monitoring, 'dashboards')).filter((file) => file.endsWith('.json'));
  return {
    'crds.yaml': kubeYaml(crds),
    'cluster-role-rules.yaml': part('ClusterRole', 'rules'),
    'role-rules.yaml': part('Role', 'rules'),
    'mutating-webhooks.yaml': part('MutatingWebhookConfiguration', 'webhooks'),
    'validating-webhooks.yaml': part('ValidatingWebhookConfiguration', 'webhooks'),
    'rules.yaml': readFileSync(join(monitoring, 'rules.yaml'), 'utf8'),
    ...Object.fromEntries(
      dashboards.map((file) => [
        `dashboards/${file}`,
        readFileSync(join(monitoring, 'dashboards', file), 'utf8'),
      ]),
    ),
  };
}
