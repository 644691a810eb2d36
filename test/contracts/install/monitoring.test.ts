/** Alerts and recording rules by Prometheus' own tool, and dashboards. That the metrics exist: plain-manifests.test.ts. */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ensurePrometheus, whyNoPrometheus } from '../../servers/prometheus/binaries.ts';
import { removeAtExit } from '../../testenv/processes/reaper.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { dashboards, expressions, MONITORING, namedMetrics, type Panel, rules } from './monitoring.ts';

const TITLE = 'rules and dashboards, by promtool';

async function promtool(...args: string[]): Promise<string> {
  const { promtool: command } = await ensurePrometheus();
  return (await promisify(execFile)(command, args)).stdout;
}

describe.skipIf(skipReason(TITLE, whyNoPrometheus()))(TITLE, () => {
  it('finds nothing wrong with the rules', async () => {
    expect(await promtool('check', 'rules', '--lint=all', '--lint-fatal', join(MONITORING, 'rules.yaml'))).toContain('SUCCESS'); // prettier-ignore
  });

  it('sees each alert fire when it should', async () => {
    expect(await promtool('test', 'rules', join(MONITORING, 'rules.test.yaml'))).toContain('SUCCESS');
  });

  it('can read every expression of the dashboards', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kcloud-expressions-'));
    removeAtExit(folder);
    const file = join(folder, 'expressions.json');
    const recorded = expressions().map((expr, index) => ({ record: `expression:${String(index)}`, expr }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'all', rules: recorded }] }));
    expect(await promtool('check', 'rules', file)).toContain(`${String(recorded.length)} rules found`);
  });
});

function overlap(a: Panel['gridPos'], b: Panel['gridPos']): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

describe('dashboards', () => {
  it('have panels with ids and places of their own', () => {
    for (const { title, panels } of dashboards()) {
      expect(new Set(panels.map(({ id }) => id)).size, title).toBe(panels.length);
      for (const panel of panels) {
        expect(panel.gridPos.x + panel.gridPos.w).toBeLessThanOrEqual(24);
        const others = panels.filter((other) => other !== panel && overlap(other.gridPos, panel.gridPos));
        expect(others.map((other) => other.title)).toEqual([]);
      }
    }
  });

  it('have uids of their own', () => {
    const uids = dashboards().map(({ uid }) => uid);
    expect(new Set(uids).size).toBe(uids.length);
  });
});

describe('recorded series', () => {
  it('are recorded where they are used', () => {
    const used = [...namedMetrics()].filter((name) => name.includes(':'));
    const recorded = rules().map(({ record }) => record);
    expect(used.filter((name) => !recorded.includes(name))).toEqual([]);
  });
});
