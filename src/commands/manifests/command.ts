/** `kcloud manifests`: everything that installs the operator, or another component, as YAML. */
import { defineCommand } from '../cli/command.ts';
import { defineFlags } from '../cli/flags.ts';
import { estimatorManifests } from './estimator.ts';
import { kubeYaml } from './kube-yaml.ts';
import { operatorManifests } from './manifests.ts';
import { optimizerApiManifests } from './optimizer-api.ts';

const COMPONENTS = {
  operator: operatorManifests,
  'optimizer-api': optimizerApiManifests,
  estimator: estimatorManifests,
} as const;

const flags = defineFlags({
  namespace: { type: 'text', short: 'n', default: 'cost-optimizer', describe: 'namespace to install into' },
  image: { type: 'text', default: 'cost-optimizer-operator:latest', describe: 'image of KCloud' },
  component: {
    type: 'text',
    default: 'operator',
    choices: Object.keys(COMPONENTS),
    describe: 'what to install',
  },
});

export const manifestsCommand = defineCommand({
  name: 'manifests',
  summary:
    'Print what installs the operator, the optimizer API or the estimator: rights, Deployment, Services, webhooks.',
  usage:
    'kcloud manifests [-n <namespace>] [--image <image>] [--component operator|optimizer-api|estimator] | kubectl apply -f -',
  flags,
  run: ({ values }, { terminal }) => {
    terminal.write(kubeYaml(COMPONENTS[values.component as keyof typeof COMPONENTS](values)));
    return Promise.resolve(0);
  },
});
