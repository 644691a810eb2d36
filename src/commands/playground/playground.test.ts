import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { KubeClient } from '#kube/client/kube-client.ts';
import { CONFIG_MAPS, NODES } from '#kube/client/builtin-types.ts';
import { connect } from '#kube/config/connect.ts';
import { loadConfig } from '#kube/config/load-config.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { playgroundCommand } from './command.ts';

const clock = new SystemClock();
const folder = mkdtempSync(join(tmpdir(), 'kcloud-playground-test-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Runs the command; `ready` resolves with what it printed when the cluster stands. */
function run(args: readonly string[]) {
  const stop = new AbortController();
  const ready = Promise.withResolvers<string>();
  const exitCode = playgroundCommand.run(args, {
    terminal: { write: ready.resolve, note: () => undefined, interactive: false, columns: 80 },
    env: {},
    logger: silentLogger,
    signal: stop.signal,
  });
  exitCode.catch((error: unknown) => {
    ready.resolve(String(error));
  });
  return { ready: ready.promise, exitCode, stop: () => { stop.abort(); } }; // prettier-ignore
}

const MANIFESTS = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: cats.zoo.io }
spec:
  group: zoo.io
  scope: Namespaced
  names: { kind: Cat, plural: cats, singular: cat, listKind: CatList }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object } }
---
# A comment makes no object.
---
apiVersion: v1
kind: List
items:
  - { apiVersion: v1, kind: Namespace, metadata: { name: zoo } }
  - { apiVersion: zoo.io/v1, kind: Cat, metadata: { name: tom } }
  - { apiVersion: v1, kind: ConfigMap, metadata: { name: here } }
`;

describe('kcloud playground', () => {
  it('serves the nodes and objects asked for until it is stopped, and leaves no file behind', async () => {
    const kubeconfig = join(folder, 'deep', 'kubeconfig');
    const load = file('some.yaml', MANIFESTS);
    const playground = run(['--nodes', 'm6i.large=2', '--load', load, '--kubeconfig', kubeconfig]);
    expect(await playground.ready).toMatch(
      /2 nodes answers at .*; 4 objects were loaded[^]*KUBECONFIG=.*deep/,
    );
    const client = new KubeClient(connect(await loadConfig({ clock, kubeconfig }), clock));
    expect((await client.list(NODES)).items.map(({ metadata }) => metadata?.name)).toEqual([
      'm6i-large-1',
      'm6i-large-2',
    ]);
    expect(await client.find(CONFIG_MAPS, { namespace: 'default', name: 'here' })).toBeDefined();
    expect(await client.raw('/apis/zoo.io/v1/namespaces/default/cats/tom')).toMatchObject({ kind: 'Cat' });
    expect(await client.raw('/apis/optimization.k8s.io/v1/costoptimizations')).toMatchObject({ items: [] });
    expect(await client.raw('/apis/metrics.k8s.io/v1beta1/nodes')).toMatchObject({ items: [{}, {}] });
    playground.stop();
    expect(await playground.exitCode).toBe(0);
    expect(existsSync(kubeconfig)).toBe(false);
    await expect(client.list(NODES)).rejects.toThrow('KC_API_UNREACHABLE');
  });

  it.each([
    ['apiVersion: v1\nkind: Cup\nmetadata: { name: tea }', 'Cup "tea": the server knows no Cup in v1'],
    ['apiVersion: v1\nkind: ConfigMap\nmetadata: { name: A_B }', 'ConfigMap "A_B": '],
    ['just text', 'document 1 has no apiVersion and kind'],
    ['a: [', 'Flow sequence'],
  ])('names the file and the object of a manifest that cannot be loaded: %j', async (text, problem) => {
    const load = file('broken.yaml', text);
    const { exitCode } = run(['--nodes', 'm6i.large=1', '--load', load]);
    const error = await exitCode.catch(String);
    expect(error).toContain(load);
    expect(error).toContain(problem);
  });
});
