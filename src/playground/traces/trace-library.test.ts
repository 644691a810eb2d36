import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBitbrains50, readGoogle2011, readTimeValue } from './recorded-trace.ts';
import { TraceLibrary } from './trace-library.ts';

describe('readers of recorded traces', () => {
  it('read google2011 onto a grid that begins at midnight, with NaN where no row stands', () => {
    const all = readGoogle2011('workload,t,cpu_pct,mem_pct\ng1,290,8,11\ng1,292,7,12\ng2,288,5,5\n');
    expect([...(all.get('g1')?.cpu ?? [])]).toEqual([NaN, NaN, 8, NaN, 7]);
    expect([...(all.get('g1')?.memory ?? [])]).toEqual([NaN, NaN, 11, NaN, 12]);
    expect(all.get('g2')?.stepMs).toBe(300_000);
  });

  it('read bitbrains50 by column, with NaN for a blank', () => {
    const all = readBitbrains50('t,vm1,vm2\n0,10,\n1,20,3\n');
    expect([...(all.get('vm2')?.cpu ?? [])]).toEqual([NaN, 3]);
    expect(all.get('vm1')?.memory).toBeUndefined();
  });

  it('read time and value in any common form of time', () => {
    for (const times of [
      ['2014-02-14 14:30:00', '2014-02-14 14:35:00', '2014-02-14 14:45:00'],
      ['2014-02-14T14:30:00Z', '2014-02-14T14:35:00Z', '2014-02-14T14:45:00Z'],
      ['1392388200', '1392388500', '1392389100'],
    ]) {
      const text = `timestamp,value\n${times.map((time, index) => `${time},${index}`).join('\n')}\n`;
      expect([...readTimeValue(text, 'x').cpu]).toEqual([0, 1, NaN, 2]);
    }
  });

  it('refuse a file without two rows in order', () => {
    expect(() => readTimeValue('timestamp,value\n10,1\n', 'x.csv')).toThrow('x.csv');
    expect(() => readTimeValue('timestamp,value\n10,1\n5,1\n', 'x.csv')).toThrow('KC_TRACE_INVALID');
  });
});

describe('TraceLibrary', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'traces-'));
    mkdirSync(join(folder, 'usage', 'nab'), { recursive: true });
    const write = (name: string, text: string): void => {
      writeFileSync(join(folder, 'usage', name), text);
    };
    write('google2011_jobs_cpu_mem_5min.csv', 'workload,t,cpu_pct,mem_pct\ng1,0,2,10\ng1,1,6,30\n');
    write('bitbrains50_cpu_mhz_5min.csv', 't,vm1\n0,\n1,20\n2,40\n');
    write('nab/ec2.csv', 'timestamp,value\n2014-02-14 14:30:00,1\n2014-02-14 14:35:00,3\n');
    write('mine.csv', 'time,value\n0,1\n60,1\n');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('finds generated and recorded traces, scaled to a mean of one and without gaps', () => {
    const library = new TraceLibrary({ seed: 1, dataDir: folder });
    expect([...library.get('google2011/g1').cpu]).toEqual([0.5, 1.5]);
    expect([...(library.get('google2011/g1').memory ?? [])]).toEqual([0.5, 1.5]);
    expect([...library.get('bitbrains50/vm1').cpu]).toEqual([0.75, 0.75, 1.5]);
    expect([...library.get('nab/ec2').cpu]).toEqual([0.5, 1.5]);
    expect(library.get('csv/mine').stepMs).toBe(60_000);
    expect(library.get('generated/batch')).toBe(library.get('generated/batch'));
    expect(library.names()).toHaveLength(6 + 4);
    for (const name of library.names()) expect(library.get(name).name).toBe(name);
  });

  it('says what to do where a trace does not exist', () => {
    expect(() => new TraceLibrary({ seed: 1 }).get('google2011/g1')).toThrow('--data');
    expect(() => new TraceLibrary({ seed: 1, dataDir: folder }).get('google2011/g9')).toThrow(
      'KC_TRACE_INVALID',
    );
  });
});
