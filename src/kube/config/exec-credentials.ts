/** Credentials from a plugin: a program that prints an ExecCredential (client.authentication.k8s.io/v1 or v1beta1). */
import { spawn } from 'node:child_process';
import { KcError, messageOf } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import type { Credential, Credentials } from '../transport/credentials.ts';
import { Fields } from './fields.ts';

export interface ExecPlugin {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
  /** May it ask the person at the terminal? */
  readonly interactive: boolean;
  /** Handed to the plugin where it asks for the cluster. */
  readonly cluster?: Readonly<Record<string, unknown>>;
  /** How to install the program, from the kubeconfig. */
  readonly installHint?: string;
}

/** A credential is renewed this long before it ends, so that none ends on its way. */
const EARLY_MS = 30_000;
const TIMEOUT_MS = 60_000;

export class ExecCredentials implements Credentials {
  readonly #plugin: ExecPlugin;
  readonly #clock: Clock;
  #running: Promise<Credential> | undefined;
  #credential: Credential | undefined;
  #endsAtMs = Infinity;

  constructor(plugin: ExecPlugin, clock: Clock) {
    this.#plugin = plugin;
    this.#clock = clock;
  }

  async current(): Promise<Credential> {
    if (this.#credential !== undefined && this.#clock.now() < this.#endsAtMs - EARLY_MS)
      return this.#credential;
    // Many calls that need a credential at the same time run the program once.
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  refresh(): Promise<boolean> {
    this.#credential = undefined;
    return Promise.resolve(true);
  }

  async #run(): Promise<Credential> {
    const { command, apiVersion } = this.#plugin;
    const status = parseOutput(await output(this.#plugin), { command, apiVersion });
    const ends = status.text('expirationTimestamp');
    this.#endsAtMs = ends === undefined ? Infinity : Date.parse(ends);
    this.#credential = credentialOf(status, command);
    return this.#credential;
  }
}

function credentialOf(status: Fields, command: string): Credential {
  const token = status.text('token');
  const cert = status.text('clientCertificateData');
  const key = status.text('clientKeyData');
  if (token === undefined && (cert === undefined || key === undefined)) {
    throw unavailable(command, 'printed neither a token nor a client certificate with its key');
  }
  return {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key } }),
  };
}

function parseOutput(
  text: string,
  plugin: { readonly command: string; readonly apiVersion: string },
): Fields {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw unavailable(plugin.command, 'did not print JSON');
  }
  const root = new Fields(parsed, `the output of ${plugin.command}`);
  if (root.text('kind') !== 'ExecCredential' || root.text('apiVersion') !== plugin.apiVersion) {
    throw unavailable(plugin.command, `did not print an ExecCredential of ${plugin.apiVersion}`);
  }
  return root.child('status') ?? new Fields({}, 'status');
}

/** What the program prints. Rejects with KC_CREDENTIALS_UNAVAILABLE where it cannot be run or fails. */
function output(plugin: ExecPlugin): Promise<string> {
  const { command, interactive } = plugin;
  const spec = { interactive, ...(plugin.cluster === undefined ? {} : { cluster: plugin.cluster }) };
  const info = JSON.stringify({ kind: 'ExecCredential', apiVersion: plugin.apiVersion, spec });
  return new Promise((resolve, reject) => {
    const child = spawn(command, plugin.args, {
      env: { ...process.env, ...plugin.env, KUBERNETES_EXEC_INFO: info },
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
      timeout: TIMEOUT_MS,
    });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.on('error', (cause) => {
      const hint = plugin.installHint === undefined ? '' : `; ${plugin.installHint}`;
      reject(unavailable(command, `cannot be run: ${messageOf(cause)}${hint}`, cause));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(parts).toString('utf8'));
      else reject(unavailable(command, `ended with ${signal ?? `exit code ${String(code)}`}`));
    });
  });
}

function unavailable(command: string, problem: string, cause?: unknown): KcError {
  return new KcError('KC_CREDENTIALS_UNAVAILABLE', {
    object: `credential plugin ${command}`,
    problem,
    cause,
  });
}
