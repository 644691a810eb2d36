/** Runs the shell scripts that users are given, against a control plane, with the pinned kubectl first in PATH. */
import { execFile } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { findControlPlaneBinaries } from '../../testenv/binaries.ts';
import type { ControlPlane } from '../../testenv/control-plane/control-plane.ts';

const ROOT = join(import.meta.dirname, '../../..');
const TIMEOUT_MS = 540_000;

export interface ScriptRun {
  readonly code: number;
  /** Both outputs, in the order in which they were written. */
  readonly output: string;
}

export interface ScriptCall {
  /** From the root of the repository. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export function runScript(controlPlane: ControlPlane, call: ScriptCall): Promise<ScriptRun> {
  const { paths } = findControlPlaneBinaries();
  const path = [
    ...(paths === undefined ? [] : [dirname(paths.kubectl)]),
    dirname(process.execPath),
    process.env['PATH'],
  ];
  const env = {
    ...process.env,
    PATH: path.join(delimiter),
    KUBECONFIG: controlPlane.kubeconfigPath,
    KUBECACHEDIR: join(dirname(controlPlane.kubeconfigPath), 'script-cache'),
    ...call.env,
  };
  const command = `${join(ROOT, call.script)} "$@" 2>&1`;
  return new Promise((resolve) => {
    const args = ['-c', command, call.script, ...(call.args ?? [])];
    execFile('bash', args, { env, timeout: TIMEOUT_MS, maxBuffer: 1 << 24 }, (error, output) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, output });
    });
  });
}
