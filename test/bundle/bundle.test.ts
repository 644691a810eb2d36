/** The bundle that the image runs: the commands work in it as they do from the sources. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleOptions } from '../../hack/bundle-options.ts';
import { eventually } from '../testenv/processes/eventually.ts';
import { freePort } from '../testenv/processes/ports.ts';
import { removeAtExit } from '../testenv/processes/reaper.ts';
import type { ApiTarget } from '../testenv/targets/api-target.ts';
import { PLAYGROUND_TARGET } from '../testenv/targets/playground-target.ts';

const run = promisify(execFile);

describe('the bundle', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kcloud-bundle-'));
  removeAtExit(directory);
  let target: ApiTarget;

  beforeAll(async () => {
    await build({ ...bundleOptions, outdir: directory, logLevel: 'error' });
    target = await PLAYGROUND_TARGET.start('cluster');
  });
  afterAll(() => target.stop());

  const kcloud = async (...args: readonly string[]): Promise<string> =>
    (await run(process.execPath, [join(directory, 'kcloud.js'), ...args])).stdout;

  it('prints the definitions that the sources print', async () => {
    const { stdout } = await run(process.execPath, ['src/main.ts', 'crds']);
    expect(await kcloud('crds')).toBe(stdout);
  });

  it('reads a kubeconfig, and says what it misses in the cluster', async () => {
    const found = kcloud('recommend', `--kubeconfig=${target.kubeconfigPath}`);
    await expect(found).rejects.toThrow(/KC_METRICS_UNAVAILABLE/);
  });

  it('runs the operator until it is told to stop', async () => {
    const port = await freePort();
    const flags = ['--install-crds', '--operator-namespace=default', `--metrics-port=${String(port)}`];
    const cluster = [`--kubeconfig=${target.kubeconfigPath}`, `--data-dir=${directory}`];
    const child = spawn(process.execPath, [join(directory, 'kcloud.js'), 'operator', ...cluster, ...flags]);
    const ended = once(child, 'exit');
    const ready = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${String(port)}/readyz`)).ok;
    await eventually('the operator to be ready', ready);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});
