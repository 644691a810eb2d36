/** A server of the tests: a child process with its log in a file, which dies with us. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { killAtExit, spareAtExit } from './reaper.ts';

const TAIL_LINES = 25;

export interface ServerCommand {
  /** Names the log file and the process in errors. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Where the log goes; also the working folder. */
  readonly directory: string;
  readonly env?: Readonly<Record<string, string>>;
}

export class ServerProcess {
  readonly name: string;
  readonly logFile: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #running = true;

  private constructor(command: ServerCommand) {
    this.name = command.name;
    this.logFile = join(command.directory, `${command.name}.log`);
    const log = openSync(this.logFile, 'a');
    this.#child = spawn(command.command, command.args, {
      cwd: command.directory,
      env: { ...process.env, ...command.env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    const group = this.#child.pid;
    if (group !== undefined) killAtExit(group);
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        this.#running = false;
        if (group !== undefined) spareAtExit(group);
        resolve();
      };
      this.#child.once('error', end).once('exit', end);
    });
    this.#child.unref();
  }

  static start(command: ServerCommand): ServerProcess {
    return new ServerProcess(command);
  }

  get running(): boolean {
    return this.#running;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The end of the log, for errors. */
  tail(): string {
    return readFileSync(this.logFile, 'utf8').split('\n').slice(-TAIL_LINES).join('\n').trim();
  }

  /** Freezes the process: its connections stay open and nothing answers. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Kills it and its children at once, as a crash would; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#child.ref();
    const group = this.#child.pid;
    if (this.#running && group !== undefined) process.kill(-group, 'SIGKILL');
    await this.#ended;
  }
}
