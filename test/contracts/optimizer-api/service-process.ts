/** The optimizer API as a process of its own, as a user starts it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../testenv/processes/eventually.ts';
import { ServerProcess } from '../../testenv/processes/server-process.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface ServiceProcess {
  readonly url: string;
  readonly process: ServerProcess;
  log(): string;
}

export interface ServiceOptions {
  /** Of its log file. */
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts it on a free port; resolves when it listens, which is before it has read the cluster. */
export async function startService(
  directory: string,
  flags: readonly string[],
  { name = 'optimizer', env = {} }: ServiceOptions = {},
): Promise<ServiceProcess> {
  const args = [join(ROOT, 'src/main.ts'), 'optimizer', '--port=0', '--host=127.0.0.1', ...flags];
  const process_ = ServerProcess.start({ name, command: process.execPath, args, directory, env });
  const log = (): string => readFileSync(process_.logFile, 'utf8');
  const url = await eventually('the optimizer API to listen', () => addressIn(log()), {
    hopeless: () => (process_.running ? undefined : 'it ended'),
    evidence: () => process_.tail(),
  });
  return { url, process: process_, log };
}

function addressIn(log: string): string | undefined {
  return /"address":"(http:[^"]+)","cluster".*optimizer API listening/.exec(log)?.[1];
}

/** Resolves when it is ready. */
export async function whenReady({ url, process: process_ }: ServiceProcess): Promise<void> {
  await eventually('the optimizer API to be ready', async () => (await fetch(`${url}/ready`)).ok, {
    hopeless: () => (process_.running ? undefined : 'it ended'),
    evidence: () => process_.tail(),
  });
}
