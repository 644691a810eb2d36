/** What the Helm chart takes from the code, so that it cannot differ from the plain manifests: rights, webhooks, CRDs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { rulesOf } from '#runtime/rbac/rbac-manifests.ts';
import { RESTORE_PERMISSIONS } from '../restore/permissions.ts';
import { kubeYaml } from './kube-yaml.ts';

export interface ChartSources {
  readonly crds: readonly object[];
  readonly manifests: readonly KubeObject[];
  /** Those of the optimizer API. */
  readonly optimizerApi: readonly KubeObject[];
  /** Those of the estimator. */
  readonly estimator: readonly KubeObject[];
  /** The folder with `rules.yaml` and `dashboards`, which a chart can only hold a copy of. */
  readonly monitoring: string;
}

/** Texts by their path in the chart's folder `files`. */
export function chartFiles(sources: ChartSources): Readonly<Record<string, string>> {
  const { crds, estimator, manifests, monitoring, optimizerApi } = sources;
  const part = (kind: string, field: string): string => partOf(manifests, kind, field);
  const dashboards = readdirSync(join(monitoring, 'dashboards')).filter((file) => file.endsWith('.json'));
  return {
    'crds.yaml': kubeYaml(crds),
    'cluster-role-rules.yaml': part('ClusterRole', 'rules'),
    'role-rules.yaml': part('Role', 'rules'),
    'optimizer-api-rules.yaml': partOf(optimizerApi, 'ClusterRole', 'rules'),
    'estimator-cluster-role-rules.yaml': partOf(estimator, 'ClusterRole', 'rules'),
    'estimator-role-rules.yaml': partOf(estimator, 'Role', 'rules'),
    'restore-rules.yaml': kubeYaml([rulesOf(RESTORE_PERMISSIONS)]),
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

/** A list of the only object of a kind. */
function partOf(objects: readonly KubeObject[], kind: string, field: string): string {
  const found = objects.find((object) => object.kind === kind) ?? {};
  const list: unknown = Object.entries(found).find(([name]) => name === field)?.[1];
  return kubeYaml([Array.isArray(list) ? list : []]);
}
