/**
 * Where a real Prometheus is: KCLOUD_PROMETHEUS (a folder with prometheus and promtool), PATH (Debian and Ubuntu have a
 * package `prometheus`), or the user cache, into which it is built once from pinned Go modules.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { whyUnavailable } from '../../testenv/go-tools/availability.ts';
import { ensureGoTools } from '../../testenv/go-tools/build.ts';
import { type GoTools, binDirectory, missingBinaries } from '../../testenv/go-tools/go-tools.ts';

export interface PrometheusBinaries {
  readonly prometheus: string;
  readonly promtool: string;
}

/** Without service discovery, whose clients of every cloud are most of the source. */
export const PROMETHEUS: GoTools = {
  name: 'prometheus',
  module: 'github.com/prometheus/prometheus',
  moduleDirectory: join(import.meta.dirname, 'module'),
  binaries: {
    prometheus: 'github.com/prometheus/prometheus/cmd/prometheus',
    promtool: 'github.com/prometheus/prometheus/cmd/promtool',
  },
  tags: 'netgo osusergo remove_all_sd',
  ldflags: (version) => `-X github.com/prometheus/common/version.Version=${version}`,
};

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function inFolder(folder: string): PrometheusBinaries | undefined {
  const found = { prometheus: join(folder, 'prometheus'), promtool: join(folder, 'promtool') };
  return isExecutable(found.prometheus) && isExecutable(found.promtool) ? found : undefined;
}

function configured(): PrometheusBinaries | undefined {
  const folder = process.env['KCLOUD_PROMETHEUS'] ?? '';
  if (folder === '') return undefined;
  const found = inFolder(folder);
  if (found === undefined) throw new Error(`KCLOUD_PROMETHEUS=${folder} lacks prometheus or promtool`);
  return found;
}

/** Looks without building. */
export function findPrometheus(): PrometheusBinaries | undefined {
  const given = configured();
  if (given !== undefined) return given;
  if (missingBinaries(PROMETHEUS).length === 0) return inFolder(binDirectory(PROMETHEUS));
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map(inFolder).find((found) => found !== undefined);
}

/** Finds it, or builds it into the cache (some minutes). Throws with the remedy where it can do neither. */
export async function ensurePrometheus(): Promise<PrometheusBinaries> {
  const found = findPrometheus();
  if (found !== undefined) return found;
  const built = inFolder(await ensureGoTools(PROMETHEUS));
  if (built === undefined) throw new Error('the build of Prometheus left no binaries');
  return built;
}

/** Why no Prometheus can be had on this machine, or undefined where one can. */
export function whyNoPrometheus(): string | undefined {
  if (findPrometheus() !== undefined) return undefined;
  const problem = whyUnavailable(PROMETHEUS);
  return problem === undefined ? undefined : `${problem}; or \`apt-get install prometheus\``;
}
