/** One kubeconfig file, and several merged into one as kubectl merges them. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { KcError, messageOf } from '#errors/kc-error.ts';
import { Fields } from './fields.ts';

/** A named entry and the folder that its relative paths start from. */
export interface Entry {
  readonly name: string;
  readonly fields: Fields;
  readonly file: string;
}

export interface Kubeconfig {
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, Entry>;
  readonly contexts: ReadonlyMap<string, Entry>;
  readonly users: ReadonlyMap<string, Entry>;
}

/** Reads a file. Undefined where it does not exist. Throws KC_KUBECONFIG_INVALID where it cannot be used. */
export async function readKubeconfig(file: string): Promise<Kubeconfig | undefined> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KcError('KC_KUBECONFIG_INVALID', { object: file, problem: messageOf(cause), cause });
  }
  // Loaded here because a process in a cluster never needs it.
  const { parse } = await import('./yaml.ts');
  try {
    return kubeconfigFrom(parse(text), file);
  } catch (cause) {
    if (cause instanceof KcError) throw cause;
    throw new KcError('KC_KUBECONFIG_INVALID', {
      object: file,
      problem: `not YAML: ${messageOf(cause)}`,
      cause,
    });
  }
}

function kubeconfigFrom(value: unknown, file: string): Kubeconfig {
  const root = new Fields(value, file);
  return {
    currentContext: root.text('current-context'),
    clusters: entriesOf(root, 'clusters', { kind: 'cluster', file }),
    contexts: entriesOf(root, 'contexts', { kind: 'context', file }),
    users: entriesOf(root, 'users', { kind: 'user', file }),
  };
}

function entriesOf(
  root: Fields,
  list: string,
  about: { readonly kind: string; readonly file: string },
): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const item of root.list(list)) {
    const name = item.requiredText('name');
    const fields = item.child(about.kind) ?? new Fields({}, `${item.place}.${about.kind}`);
    if (!entries.has(name)) entries.set(name, { name, fields, file: about.file });
  }
  return entries;
}

/** The first file to name a context, a cluster or a user decides about it; so does the first current context. */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const merged = (pick: (config: Kubeconfig) => ReadonlyMap<string, Entry>): Map<string, Entry> =>
    new Map(configs.toReversed().flatMap((config) => [...pick(config)]));
  return {
    currentContext: configs.find((config) => config.currentContext !== undefined)?.currentContext,
    clusters: merged((config) => config.clusters),
    contexts: merged((config) => config.contexts),
    users: merged((config) => config.users),
  };
}

/** A path of an entry, read from the folder of the file that the entry stands in. */
export function pathOf(entry: Entry, path: string): string {
  return resolve(dirname(entry.file), path);
}

/** The PEM given as base64 in `<name>-data` or in the file that `name` says; the data goes first. */
export function pemOf(entry: Entry, name: string): string | undefined {
  const data = entry.fields.text(`${name}-data`);
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const path = entry.fields.text(name);
  if (path === undefined) return undefined;
  try {
    return readFileSync(pathOf(entry, path), 'utf8');
  } catch (cause) {
    const field = `${entry.fields.place}.${name}`;
    throw new KcError('KC_KUBECONFIG_INVALID', { field, problem: messageOf(cause), cause });
  }
}
