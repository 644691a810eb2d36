/** `kcloud crds`: the custom resource definitions, to look at or to install. */
import { customResourceDefinitions } from '#controllers/crds.ts';
import { installCrds } from '#kube/crd/install-crds.ts';
import { SystemClock } from '#platform/clock.ts';
import { clusterFlags, connectCluster } from '../cli/cluster.ts';
import { defineCommand } from '../cli/command.ts';
import { defineFlags } from '../cli/flags.ts';
import { kubeYaml } from '../manifests/kube-yaml.ts';

const flags = defineFlags({
  ...clusterFlags,
  output: { type: 'text', short: 'o', default: 'yaml', choices: ['yaml', 'json'], describe: 'format' },
  install: { type: 'switch', describe: 'install them in the cluster and wait until they are served' },
});

export const crdsCommand = defineCommand({
  name: 'crds',
  summary: 'Print the custom resource definitions, or install them.',
  usage: 'kcloud crds [--install] [-o yaml|json]',
  flags,
  run: async ({ values }, { terminal, signal }) => {
    const crds = customResourceDefinitions();
    if (!values.install) {
      const json = (): string => crds.map((crd) => JSON.stringify(crd, null, 2)).join('\n');
      terminal.write(`${values.output === 'json' ? json() : kubeYaml(crds)}\n`);
      return 0;
    }
    const { client, server } = await connectCluster(values);
    await installCrds(crds, { client, clock: new SystemClock(), fieldManager: 'kcloud', signal });
    for (const crd of crds) terminal.write(`${crd.metadata?.name ?? ''} is served by ${server}\n`);
    return 0;
  },
});
