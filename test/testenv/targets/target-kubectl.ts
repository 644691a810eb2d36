/** The same stock kubectl against any target. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureControlPlaneBinaries, whyNoControlPlane } from '../binaries.ts';
import { runKubectl } from '../control-plane/kubectl.ts';
import { removeAtExit } from '../processes/reaper.ts';
import { skipReason } from '../real-components.ts';
import type { ApiTarget } from './api-target.ts';

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
