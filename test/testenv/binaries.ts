/** Where the control plane's binaries are: in KUBEBUILDER_ASSETS, or in the cache, built once. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { whyUnavailable } from './go-tools/availability.ts';
import { ensureGoTools } from './go-tools/build.ts';
import { type GoTools, binDirectory, missingBinaries } from './go-tools/go-tools.ts';
import { ETCD, KUBERNETES } from './modules/kubernetes.ts';

const NAMES = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const;

export type BinaryName = (typeof NAMES)[number];
export type BinaryPaths = Readonly<Record<BinaryName, string>>;

/** The absolute paths, or why they cannot be had without building. */
export type FoundBinaries =
  | { readonly paths: BinaryPaths; readonly problem?: undefined }
  | { readonly paths?: undefined; readonly problem: string };

const MODULES: readonly GoTools[] = [ETCD, KUBERNETES];

function pathsIn(directoryOf: (name: BinaryName) => string): BinaryPaths {
  const path = (name: BinaryName): string => join(directoryOf(name), name);
  return {
    etcd: path('etcd'),
    'kube-apiserver': path('kube-apiserver'),
    'kube-controller-manager': path('kube-controller-manager'),
    'kube-scheduler': path('kube-scheduler'),
    kubectl: path('kubectl'),
  };
}

function assetsDirectory(): string {
  return process.env['KUBEBUILDER_ASSETS'] ?? '';
}

function findAssets(directory: string): FoundBinaries {
  const missing = NAMES.filter((name) => !existsSync(join(directory, name)));
  if (missing.length === 0) return { paths: pathsIn(() => directory) };
  return {
    problem: `KUBEBUILDER_ASSETS=${directory} lacks ${missing.join(', ')}; complete the folder or unset it`,
  };
}

/** Looks without building. */
export function findControlPlaneBinaries(): FoundBinaries {
  if (assetsDirectory() !== '') return findAssets(assetsDirectory());
  const missing = MODULES.flatMap(missingBinaries);
  if (missing.length > 0) return { problem: `${missing.join(', ')} not built; run \`make testenv\`` };
  return { paths: pathsIn((name) => binDirectory(name === 'etcd' ? ETCD : KUBERNETES)) };
}

/** Builds what the cache lacks; with KUBEBUILDER_ASSETS nothing is built. */
export async function ensureControlPlaneBinaries(): Promise<FoundBinaries> {
  if (assetsDirectory() === '') for (const tools of MODULES) await ensureGoTools(tools);
  return findControlPlaneBinaries();
}

/** Why the binaries can neither be found nor built on this machine, or undefined where they can. */
export function whyNoControlPlane(): string | undefined {
  if (assetsDirectory() !== '') return findAssets(assetsDirectory()).problem;
  return MODULES.map(whyUnavailable).find((reason) => reason !== undefined);
}
