/** Reads JSON from a running API server as the user of a kubeconfig with client certificates. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { parse } from 'yaml';

interface KubeconfigFile {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

type Reader = (path: string, accept?: string) => Promise<unknown>;

function material(section: Readonly<Record<string, string>>, name: string): Buffer {
  const inline = section[`${name}-data`];
  return inline === undefined ? readFileSync(section[name] ?? '') : Buffer.from(inline, 'base64');
}

/** A function that gets one path as JSON; rejects on any status but 200. */
export function readerOf(kubeconfigPath: string): Reader {
  const config = parse(readFileSync(kubeconfigPath, 'utf8')) as KubeconfigFile;
  const cluster = config.clusters[0]?.cluster ?? {};
  const user = config.users[0]?.user ?? {};
  const tls = {
    ca: material(cluster, 'certificate-authority'),
    cert: material(user, 'client-certificate'),
    key: material(user, 'client-key'),
  };
  return (path, accept = 'application/json') =>
    new Promise((resolve, reject) => {
      const call = request(`${cluster['server'] ?? ''}${path}`, { ...tls, headers: { accept } }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString();
          if (answer.statusCode === 200) resolve(JSON.parse(text));
          else reject(new Error(`GET ${path}: ${String(answer.statusCode)} ${text}`));
        });
      });
      call.on('error', reject);
      call.end();
    });
}
