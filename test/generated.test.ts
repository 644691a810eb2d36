/** What is installed in clusters is what the code declares now: nobody forgot `make generate`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chartFiles } from '#commands/manifests/chart-files.ts';
import { ESTIMATOR_NAMESPACE, estimatorManifests } from '#commands/manifests/estimator.ts';
import { kubeYaml } from '#commands/manifests/kube-yaml.ts';
import { operatorManifests } from '#commands/manifests/manifests.ts';
import { optimizerApiManifests } from '#commands/manifests/optimizer-api.ts';
import { customResourceDefinitions } from '#controllers/crds.ts';

const DEPLOY = join(import.meta.dirname, '../deploy');
const read = (path: string): string => readFileSync(join(DEPLOY, path), 'utf8');

describe('what is generated', () => {
  const crds = customResourceDefinitions();
  const defaults = { namespace: 'cost-optimizer', image: 'cost-optimizer-operator:latest' };
  const manifests = operatorManifests(defaults);
  const optimizerApi = optimizerApiManifests(defaults);
  const estimator = estimatorManifests({ ...defaults, namespace: ESTIMATOR_NAMESPACE });

  it('is up to date in the plain manifests', () => {
    expect(read('manifests/crds.yaml')).toContain(kubeYaml(crds));
    expect(read('manifests/operator.yaml')).toContain(kubeYaml(manifests));
    expect(read('manifests/optimizer-api.yaml')).toContain(kubeYaml(optimizerApi));
    expect(read('manifests/estimator.yaml')).toContain(kubeYaml(estimator));
  });

  it('is up to date in the Helm chart', () => {
    const files = chartFiles({
      crds,
      manifests,
      optimizerApi,
      estimator,
      monitoring: join(DEPLOY, 'monitoring'),
    });
    for (const [path, text] of Object.entries(files)) expect(read(`helm/kcloud/files/${path}`)).toBe(text);
  });
});
