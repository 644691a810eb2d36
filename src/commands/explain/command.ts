/** `kcloud explain`: why a CostOptimization did what it did, or did not. */
import { stringify } from 'yaml';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { KcError } from '#errors/kc-error.ts';
import { clusterFlags, connectCluster } from '../cli/cluster.ts';
import { defineCommand } from '../cli/command.ts';
import { defineFlags } from '../cli/flags.ts';
import { explain } from './explanation.ts';

const flags = defineFlags({
  ...clusterFlags,
  output: {
    type: 'text',
    short: 'o',
    default: 'text',
    choices: ['text', 'json', 'yaml'],
    describe: 'format',
  },
});

export const explainCommand = defineCommand({
  name: 'explain',
  summary: 'Explain a decision: inputs with their ages, the rule, what else was weighed.',
  usage: 'kcloud explain <name> [-n <namespace>] [-o text|json|yaml]',
  flags,
  run: async ({ values, positionals }, { terminal, env }) => {
    const name = nameOf(positionals);
    const { client, namespace } = await connectCluster(values);
    const optimization = await client.get(COST_OPTIMIZATIONS, { namespace, name });
    if (values.output === 'text') {
      terminal.write(explain(optimization, terminal.interactive && env['NO_COLOR'] === undefined));
      return 0;
    }
    const record = { name, namespace, spec: optimization.spec, ...optimization.status };
    terminal.write(values.output === 'json' ? `${JSON.stringify(record, null, 2)}\n` : stringify(record));
    return 0;
  },
});

/** The name, with or without its kind: `web`, `costopt/web`. */
export function nameOf(positionals: readonly string[]): string {
  const [given] = positionals;
  const name = given?.split('/').at(-1) ?? '';
  if (name !== '' && positionals.length === 1) return name;
  throw new KcError('KC_CONFIG_INVALID', {
    problem: 'name one CostOptimization',
    fix: 'for example: kcloud explain optimize-frontend-cpu; `kubectl get costopt` lists them',
  });
}
