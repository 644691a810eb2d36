/** Test processes that run at the same time never get the same port. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const PROGRAM = `
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '#test/testenv/processes/ports.ts';
const ports = [];
for (let count = 0; count < 40; count += 1) ports.push(await freePort());
console.log(JSON.stringify(ports));
await sleep(1_000);
`;

describe('free ports', () => {
  it('are distinct within and across processes', async () => {
    const run = promisify(execFile);
    const runs = await Promise.all(
      Array.from({ length: 4 }, () => run(process.execPath, ['--input-type=module', '--eval', PROGRAM])),
    );
    const ports = runs.flatMap(({ stdout }) => JSON.parse(stdout) as number[]);
    expect(ports).toHaveLength(160);
    expect(new Set(ports).size).toBe(160);
  });
});
