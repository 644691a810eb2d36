/** The real Vertical Pod Autoscaler, which benches run beside ours. No test needs it, so `make testenv` does not build it. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureGoTools } from '../go-tools/build.ts';
import { findGo } from '../go-tools/go-toolchain.ts';
import { type GoTools, versionOf } from '../go-tools/go-tools.ts';

const MODULE = 'k8s.io/autoscaler/vertical-pod-autoscaler';

export const VERTICAL_POD_AUTOSCALER: GoTools = {
  name: 'vertical-pod-autoscaler',
  module: MODULE,
  moduleDirectory: join(import.meta.dirname, 'vertical-pod-autoscaler'),
  binaries: {
    recommender: `${MODULE}/pkg/recommender`,
    updater: `${MODULE}/pkg/updater`,
    'admission-controller': `${MODULE}/pkg/admission-controller`,
  },
  tags: 'netgo osusergo',
};

export interface VerticalPodAutoscaler {
  readonly version: string;
  readonly recommender: string;
  readonly updater: string;
  readonly admissionController: string;
  /** The file with its CustomResourceDefinitions. */
  readonly crds: string;
}

/** Builds what the cache lacks. */
export async function ensureVerticalPodAutoscaler(): Promise<VerticalPodAutoscaler> {
  const folder = await ensureGoTools(VERTICAL_POD_AUTOSCALER);
  return {
    version: versionOf(VERTICAL_POD_AUTOSCALER),
    recommender: join(folder, 'recommender'),
    updater: join(folder, 'updater'),
    admissionController: join(folder, 'admission-controller'),
    crds: join(sources(), 'deploy', 'vpa-v1-crd-gen.yaml'),
  };
}

/** The folder of the module's sources, of which the binaries need the manifests. */
function sources(): string {
  const go = findGo(VERTICAL_POD_AUTOSCALER);
  if (go.problem !== undefined) throw new Error(go.problem);
  const cwd = VERTICAL_POD_AUTOSCALER.moduleDirectory;
  execFileSync(go.command, ['mod', 'download', MODULE], { cwd, stdio: 'inherit' });
  return execFileSync(go.command, ['list', '-m', '-f', '{{.Dir}}', MODULE], { cwd, encoding: 'utf8' }).trim();
}
