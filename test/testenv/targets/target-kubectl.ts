/** The same stock kubectl against any target. */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureControlPlaneBinaries, whyNoControlPlane } from '../binaries.ts';
import { runKubectl } from '../control-plane/kubectl.ts';
import { removeAtExit } from '../processes/reaper.ts';
import { skipReason } from '../real-components.ts';
import type { ApiTarget } from './api-target.ts';

const RUN_MS = 120_000;

const directories = new WeakMap<ApiTarget, string>();

/** One folder per target, since kubectl caches what it discovers by address. */
function directoryOf(target: ApiTarget): string {
  const known = directories.get(target);
  if (known !== undefined) return known;
  const made = mkdtempSync(join(tmpdir(), 'kcloud-kubectl-'));
  removeAtExit(made);
  directories.set(target, made);
  return made;
}

/** Why kubectl cannot run here; to be given to `describe.skipIf`. */
export function whyNoKubectl(suite: string): string | undefined {
  return skipReason(suite, whyNoControlPlane());
}

/** Runs kubectl as the target's administrator; throws with its error where it fails. */
export async function kubectl(target: ApiTarget, args: readonly string[], input?: string): Promise<string> {
  const { paths, problem } = await ensureControlPlaneBinaries();
  if (problem !== undefined) throw new Error(problem);
  const { kubeconfigPath } = target;
  return runKubectl({ command: paths.kubectl, kubeconfigPath, directory: directoryOf(target), args, input });
}

export interface KubectlRun {
  readonly args: readonly string[];
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends kubectl when it has written so many lines, for commands that watch. */
  readonly lines?: number;
  /** Called when it has written something, which for a watch means that it is open. */
  readonly onFirstLine?: () => Promise<void>;
}

export interface KubectlOutcome {
  /** Standard output, then standard error. */
  readonly text: string;
  /** Null where it was ended. */
  readonly code: number | null;
}

/** Runs kubectl as a person would, who reads its errors as well. */
export async function runTargetKubectl(target: ApiTarget, run: KubectlRun): Promise<KubectlOutcome> {
  const { paths, problem } = await ensureControlPlaneBinaries();
  if (problem !== undefined) throw new Error(problem);
  const directory = directoryOf(target);
  const env = { ...process.env, KUBECACHEDIR: join(directory, 'kubectl-cache'), KUBECONFIG: '', ...run.env };
  const args = [`--kubeconfig=${target.kubeconfigPath}`, ...run.args];
  const child = spawn(paths.kubectl, args, { env, cwd: directory, timeout: RUN_MS });
  const written = { stdout: '', stderr: '' };
  const first = Promise.withResolvers<undefined>();
  const followed = first.promise.then(() => run.onFirstLine?.());
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
      first.resolve(undefined);
      if (run.lines !== undefined && written.stdout.split('\n').length > run.lines) child.kill();
    });
  }
  child.stdin.end(run.input ?? '');
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  first.resolve(undefined);
  await followed;
  return { text: written.stdout + written.stderr, code };
}
