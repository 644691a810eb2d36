import { describe, expect, it } from 'vitest';
import { DEFAULT_NODES, parseNodeGroups } from './node-groups.ts';

describe('node groups', () => {
  it('become nodes with names, sizes and price classes', () => {
    const nodes = parseNodeGroups(['m6i.large=2', 'p4d.24xlarge:spot=1']);
    expect(nodes.map(({ name, cpuCores, capacityType }) => [name, cpuCores, capacityType])).toEqual([
      ['m6i-large-1', 2, 'on-demand'],
      ['m6i-large-2', 2, 'on-demand'],
      ['p4d-24xlarge-spot-1', 96, 'spot'],
    ]);
  });

  it('have room for the example workloads by default', () => {
    const cores = parseNodeGroups(DEFAULT_NODES)
      .filter(({ taints }) => taints === undefined)
      .reduce((sum, { cpuCores }) => sum + cpuCores, 0);
    expect(cores).toBeGreaterThan(64);
  });

  it.each([
    ['m6i.enormous=2', 'one of t3.medium'],
    ['m6i.large', '<instance type>[:spot]=<count>'],
    ['m6i.large=-1', '<instance type>[:spot]=<count>'],
    ['constructor=1', 'one of t3.medium'],
    ['m6i.large=99999', '5000 nodes at most'],
  ])('refuse %s and say what may stand there', (text, problem) => {
    expect(() => parseNodeGroups([text])).toThrow(problem);
  });

  it('refuse a type that is named twice, since names would clash', () => {
    expect(() => parseNodeGroups(['m6i.large=1', 'm6i.large=2'])).toThrow('named once');
  });
});
