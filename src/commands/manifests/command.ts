/** `kcloud manifests`: everything that installs the operator, as YAML. */
import { defineCommand } from '../cli/command.ts';
import { defineFlags } from '../cli/flags.ts';
import { kubeYaml } from './kube-yaml.ts';
import { operatorManifests } from './manifests.ts';

const flags = defineFlags({
  namespace: { type: 'text', short: 'n', default: 'cost-optimizer', describe: 'namespace to install into' },
  image: { type: 'text', default: 'cost-optimizer-operator:latest', describe: 'image of the operator' },
});

export const manifestsCommand = defineCommand({
  name: 'manifests',
  summary: 'Print what installs the operator: rights, Deployment, Services, webhooks.',
  usage: 'kcloud manifests [-n <namespace>] [--image <image>] | kubectl apply -f -',
  flags,
  run: ({ values }, { terminal }) => {
    terminal.write(kubeYaml(operatorManifests(values)));
    return Promise.resolve(0);
  },
});
