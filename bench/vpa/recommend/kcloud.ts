/** Runs `kcloud recommend` as a user does and reads its JSON. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NAMESPACE } from './job-days.ts';

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, '../../../src/main.ts');

/** What it says of one workload. A missing size means that it leaves what is there. */
export interface KcloudRecord {
  readonly name: string;
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly recommendedCpuCores?: number;
  readonly recommendedMemoryBytes?: number;
  readonly confidence?: number;
  readonly note: string;
}

export interface KcloudRun {
  readonly kubeconfig: string;
  readonly prometheusUrl: string;
  readonly window: string;
}

export async function runKcloud({
  kubeconfig,
  prometheusUrl,
  window,
}: KcloudRun): Promise<readonly KcloudRecord[]> {
  const args = [
    'recommend',
    `--kubeconfig=${kubeconfig}`,
    '-n',
    NAMESPACE,
    `--prometheus-url=${prometheusUrl}`,
  ];
  const { stdout } = await run(process.execPath, [MAIN, ...args, `--window=${window}`, '-o', 'json'], {
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(stdout) as readonly KcloudRecord[];
}
