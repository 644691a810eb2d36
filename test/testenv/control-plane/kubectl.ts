/** Runs the real kubectl. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

export interface KubectlCall {
  readonly command: string;
  readonly kubeconfigPath: string;
  /** A folder of the control plane's own: discovery is cached by address, and addresses are reused. */
  readonly directory: string;
  readonly args: readonly string[];
  /** Standard input, e.g. manifests for `apply -f -`. */
  readonly input?: string | undefined;
}

const TIMEOUT_MS = 120_000;

/** Standard output; throws with standard error where kubectl fails. */
export function runKubectl(call: KubectlCall): Promise<string> {
  const args = [`--kubeconfig=${call.kubeconfigPath}`, ...call.args];
  const env = { ...process.env, KUBECACHEDIR: join(call.directory, 'kubectl-cache'), KUBECONFIG: '' };
  return new Promise((resolve, reject) => {
    const options = { env, cwd: call.directory, timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(call.command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else
        reject(
          new Error(`kubectl ${call.args.join(' ')}: ${stderr.trim() || error.message}`, { cause: error }),
        );
    });
    child.stdin?.end(call.input ?? '');
  });
}
