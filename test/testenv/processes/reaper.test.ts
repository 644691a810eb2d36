/** Servers and folders of the tests disappear with the process that made them, however it ends. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';

/** Starts two servers in a folder, kills the first by itself, then says `<folder> <pid>` and waits for its end. */
const PROGRAM = `
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { ServerProcess } from '#test/testenv/processes/server-process.ts';
import { removeAtExit } from '#test/testenv/processes/reaper.ts';
const directory = mkdtempSync(tmpdir() + '/kcloud-reaper test-');
removeAtExit(directory);
const args = ['-c', 'sleep 600 & wait'];
const first = ServerProcess.start({ name: 'first', command: 'sh', args, directory });
const server = ServerProcess.start({ name: 'second', command: 'sh', args, directory });
await first.kill();
console.log(JSON.stringify({ directory, pid: server.pid }));
setTimeout(() => {}, 600_000);
`;

function isAlive(processGroup: number): boolean {
  try {
    process.kill(-processGroup, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the reaper', () => {
  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
    'kills what a process started and removes its folders after %s',
    async (signal) => {
      const owner = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const { value } = await createInterface({ input: owner.stdout })[Symbol.asyncIterator]().next();
      const { directory, pid } = JSON.parse(value ?? '{}') as { directory: string; pid: number };
      expect(isAlive(pid)).toBe(true);
      owner.kill(signal);
      await eventually('the server and the folder to be gone', () => !isAlive(pid) && !existsSync(directory));
    },
  );
});
