/** Helm, of which tests run the real one: built once from its Go module, or found in KCLOUD_HELM or PATH. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { whyUnavailable } from '../go-tools/availability.ts';
import { ensureGoTools } from '../go-tools/build.ts';
import { binDirectory, type GoTools, missingBinaries } from '../go-tools/go-tools.ts';

const HELM: GoTools = {
  name: 'helm',
  module: 'helm.sh/helm/v4',
  moduleDirectory: join(import.meta.dirname, 'helm'),
  binaries: { helm: 'helm.sh/helm/v4/cmd/helm' },
  tags: 'netgo osusergo',
  ldflags: (version) => `-X helm.sh/helm/v4/internal/version.version=${version}`,
};

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Looks without building. */
export function findHelm(): string | undefined {
  const given = process.env['KCLOUD_HELM'] ?? '';
  if (given !== '') return given;
  if (missingBinaries(HELM).length === 0) return join(binDirectory(HELM), 'helm');
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'helm')).find(isExecutable);
}

export async function ensureHelm(): Promise<string> {
  return findHelm() ?? join(await ensureGoTools(HELM), 'helm');
}

/** Why there is none and none can be built, or undefined where there is one. */
export function whyNoHelm(): string | undefined {
  return findHelm() === undefined ? whyUnavailable(HELM) : undefined;
}
