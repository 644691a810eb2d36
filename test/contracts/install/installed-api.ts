/** The optimizer API as it was installed, without a container: a process with the environment and account of its Deployment. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '#apis/kubernetes/builtin.ts';
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import { DEPLOYMENTS } from '#kube/client/builtin-types.ts';
import type { WorkloadUsage } from '#domain/usage/usage.ts';
import type { ControlPlane } from '../../testenv/control-plane/control-plane.ts';
import { removeAtExit } from '../../testenv/processes/reaper.ts';
import { type ServiceProcess, startService, whenReady } from '../optimizer-api/service-process.ts';

const NAMESPACE = 'cost-optimizer';
const OPERATOR = 'cost-optimizer-operator';

export interface InstalledApi {
  readonly service: ServiceProcess;
  /** The path of its liveness probe, as installed. */
  readonly livenessPath: string;
  /** A file with the token that the operator's pod would have, projected as its Deployment says. */
  readonly tokenFile: string;
  readonly token: string;
}

/** `history` is the usage that it knows. */
export async function startInstalledApi(
  controlPlane: ControlPlane,
  history: readonly WorkloadUsage[],
): Promise<InstalledApi> {
  const directory = mkdtempSync(join(tmpdir(), 'kcloud-optimizer-'));
  removeAtExit(directory);
  const usage = join(directory, 'usage.db');
  const known = UsageHistory.open(usage, { rawStepMs: 30_000 });
  known.import(history);
  known.close();
  const { account, container } = podOf(await deployment(controlPlane, 'optimizer-api'));
  const kubeconfig = await controlPlane.serviceAccountKubeconfig(NAMESPACE, account);
  const env = { ...environmentOf(container), KCLOUD_DATA_DIR: directory };
  const flags = [`--kubeconfig=${kubeconfig}`, `--history=${usage}`];
  const service = await startService(directory, flags, { name: 'installed-optimizer-api', env });
  await whenReady(service);
  const token = await operatorToken(controlPlane);
  const tokenFile = join(directory, 'token');
  writeFileSync(tokenFile, token);
  return { service, livenessPath: container.livenessProbe?.httpGet?.path ?? '', tokenFile, token };
}

type Container = NonNullable<NonNullable<Deployment['spec']>['template']['spec']>['containers'][number];

function podOf({ spec }: Deployment): { readonly account: string; readonly container: Container } {
  const pod = spec?.template.spec;
  const [container] = pod?.containers ?? [];
  if (container === undefined) throw new Error('the Deployment has no container');
  return { account: pod?.serviceAccountName ?? '', container };
}

/** What does not come from the pod itself. */
function environmentOf({ env = [] }: Container): Record<string, string> {
  return Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}

function deployment({ client }: ControlPlane, name: string): Promise<Deployment> {
  return client.get(DEPLOYMENTS, { namespace: NAMESPACE, name });
}

async function operatorToken(controlPlane: ControlPlane): Promise<string> {
  const { volumes = [] } = (await deployment(controlPlane, OPERATOR)).spec?.template.spec ?? {};
  const sources = volumes.flatMap(({ projected }) => projected?.sources ?? []);
  const audience =
    sources.map(({ serviceAccountToken }) => serviceAccountToken?.audience).find(Boolean) ?? '';
  const args = ['-n', NAMESPACE, 'create', 'token', OPERATOR, `--audience=${audience}`];
  return (await controlPlane.kubectl(args)).trim();
}
