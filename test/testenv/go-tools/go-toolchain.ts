/** Finds the Go compiler and says what to do where it is missing or too old for a module. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GoTools } from './go-tools.ts';

const REMEDY =
  'install a newer Go (https://go.dev/dl, or `apt-get install golang`), or point KUBEBUILDER_ASSETS at a folder ' +
  'with etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kubectl';

/** Where Go is put by its own installer, which does not touch PATH. */
const USUAL_PLACES = ['/usr/local/go/bin/go', '/usr/lib/go/bin/go', '/opt/homebrew/bin/go'];

/** A compiler that can build, or why there is none. */
export type GoToolchain =
  | { readonly command: string; readonly version: string; readonly problem?: undefined }
  | { readonly command?: undefined; readonly problem: string };

/** The `go` line of a go.mod, e.g. `1.26.0`. */
export function neededGoVersion(tools: GoTools): string {
  const goMod = readFileSync(join(tools.moduleDirectory, 'go.mod'), 'utf8');
  return /^go (\S+)$/m.exec(goMod)?.[1] ?? '1.21';
}

/** Compares dotted versions number by number. */
export function isAtLeast(version: string, needed: string): boolean {
  const [have, want] = [version, needed].map((text) =>
    text.split('.').map((part) => Number.parseInt(part, 10)),
  );
  for (const [index, wanted] of (want ?? []).entries()) {
    const actual = have?.[index] ?? 0;
    if (actual !== wanted) return actual > wanted;
  }
  return true;
}

/** Asks Go inside the module's folder, so that Go's own toolchain switching has its say. */
export function findGo(tools: GoTools): GoToolchain {
  const needed = neededGoVersion(tools);
  for (const command of ['go', ...USUAL_PLACES.filter((place) => existsSync(place))]) {
    const answer = spawnSync(command, ['env', 'GOVERSION'], { cwd: tools.moduleDirectory, encoding: 'utf8' });
    if (answer.error !== undefined) continue;
    const version = answer.stdout.trim().replace(/^go/, '');
    if (answer.status === 0 && isAtLeast(version, needed)) return { command, version };
    const found = answer.status === 0 ? `Go ${version}` : answer.stderr.trim();
    return { problem: `${tools.name} needs Go ${needed} or newer, found: ${found}; ${REMEDY}` };
  }
  return { problem: `${tools.name} is not built yet and Go is not installed; ${REMEDY}` };
}
