/** Runs the real Helm on our chart. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { ensureHelm } from '../../testenv/modules/helm.ts';
import { removeAtExit } from '../../testenv/processes/reaper.ts';
import { recordRealComponent } from '../../testenv/real-components.ts';

export const CHART = join(import.meta.dirname, '../../../deploy/helm/kcloud');
export const RELEASE_NAMESPACE = 'cost-optimizer';

export type Values = Readonly<Record<string, unknown>>;

export interface HelmCall {
  readonly args: readonly string[];
  readonly values?: Values;
  /** The administrator's of a control plane; none where the call needs no cluster. */
  readonly kubeconfigPath?: string;
}

let home: string | undefined;

function ownHome(command: string): string {
  if (home === undefined) {
    home = mkdtempSync(join(tmpdir(), 'kcloud-helm-'));
    removeAtExit(home);
    recordRealComponent(`helm ${execFileSync(command, ['version', '--short'], { encoding: 'utf8' }).trim()}`);
  }
  return home;
}

/** Standard output; throws with what Helm says where it fails. */
export async function helm({ args, values, kubeconfigPath = '/dev/null' }: HelmCall): Promise<string> {
  const command = await ensureHelm();
  const directory = ownHome(command);
  const file = join(directory, 'values.json');
  if (values !== undefined) writeFileSync(file, JSON.stringify(values));
  const env = {
    ...process.env,
    KUBECONFIG: kubeconfigPath,
    HELM_CACHE_HOME: directory,
    HELM_CONFIG_HOME: directory,
    HELM_DATA_HOME: directory,
  };
  const all = [...args, ...(values === undefined ? [] : ['--values', file])];
  return new Promise((resolve, reject) => {
    execFile(command, all, { env, maxBuffer: 1 << 26, timeout: 150_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else
        reject(new Error(`helm ${args.join(' ')}: ${stderr || stdout || error.message}`, { cause: error }));
    });
  });
}

/** The objects that the chart makes of the values. */
export async function render(values: Values = {}): Promise<readonly KubeObject[]> {
  const args = ['template', 'kcloud', CHART, '--namespace', RELEASE_NAMESPACE, '--kube-version', 'v1.36.0'];
  return objectsIn(await helm({ args, values }));
}

/** Reads them as kubectl and Helm do. */
export function objectsIn(text: string): readonly KubeObject[] {
  const documents = parseAllDocuments(text, { version: '1.1' }).map(
    (document) => document.toJS() as KubeObject | null,
  );
  return documents.filter((object) => object !== null);
}

/** Whether it comes and goes with an event of the release, and not with the release. */
export function isHook({ metadata }: KubeObject): boolean {
  return metadata?.annotations?.['helm.sh/hook'] !== undefined;
}
