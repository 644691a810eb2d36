/** Files that others read: tables that survive any name, and Terraform that Terraform can read. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceBench } from './testing.ts';

describe('an export', () => {
  const bench = new ServiceBench();

  beforeAll(async () => {
    await bench.addDeployment('shop', 'web');
    await bench.addDeployment('shop', 'web.v2');
    for (const name of ['shop/web', 'shop/web.v2'])
      bench.usage.stories.set(name, { cpuCores: 0.2, memoryBytes: 2 ** 29 });
    await bench.start();
  });

  afterAll(() => {
    bench.stop();
  });

  it('as CSV has the columns of the seed and one row per recommendation', async () => {
    const { text, headers } = await bench.ask('GET /export/csv?min_confidence=0');
    const rows = text
      .trimEnd()
      .split('\r\n')
      .map((row) => row.split(','));
    expect(rows[0]?.slice(0, 4)).toEqual(['Cluster', 'Namespace', 'Workload', 'Optimization Type']);
    expect(rows).toHaveLength(5);
    expect(rows.every((row) => row.length === 11)).toBe(true);
    expect(rows[1]?.[4]).toMatch(/^\$\d+\.\d\d$/);
    expect(rows[1]?.[7]).toMatch(/^\d+\.\d%$/);
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
  });

  it('as CSV can be narrowed, and refuses what it does not know', async () => {
    const narrowed = await bench.ask('GET /export/csv?limit=1');
    expect(narrowed.text.trimEnd().split('\r\n')).toHaveLength(2);
    expect((await bench.ask('GET /export/csv?limits=1')).json).toMatchObject({
      status: 422,
      field: 'query.limits',
    });
  });

  it('as Terraform makes one CostOptimization per recommendation, under names that Terraform takes', async () => {
    const { json } = await bench.ask('POST /export/terraform', { min_confidence: 0 });
    const { resource, locals, output } = json as Record<
      'resource' | 'locals' | 'output',
      Record<string, Record<string, unknown>>
    >;
    const names = Object.keys(resource['kubernetes_manifest'] ?? {});
    expect(names).toHaveLength(4);
    expect(names.every((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))).toBe(true);
    expect(Object.keys(locals)).toEqual(names);
    expect(Object.keys(output['potential_monthly_savings']?.['value'] ?? {})).toEqual(names);
    expect(resource['kubernetes_manifest']?.['k8s_deployment_shop_web_right_size_cpu']).toMatchObject({
      manifest: {
        kind: 'CostOptimization',
        spec: { optimizationType: 'CPU', targetWorkload: { name: 'web' } },
      },
    });
  });
});
