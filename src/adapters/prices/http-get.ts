/** One GET of a document: bounded in time and size, with the few redirects that a file server makes. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

const TIMEOUT_MS = 15_000;
const MAX_BYTES = 32 * 2 ** 20;
const MAX_REDIRECTS = 3;

export interface HttpAnswer {
  readonly status: number;
  readonly headers: { readonly etag: string | undefined; readonly modified: string | undefined };
  readonly text: string;
}

/** The answer of 200 or 304. Rejects with a plain Error for any other, and where nobody answers in time. */
export async function httpGet(url: URL, headers: Readonly<Record<string, string>> = {}): Promise<HttpAnswer> {
  let target = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const { location, ...answer } = await send(target, headers);
    if (location === undefined) {
      if (answer.status === 200 || answer.status === 304) return answer;
      throw new Error(`it answers with status ${String(answer.status)}`);
    }
    target = new URL(location, target);
  }
  throw new Error('it redirects too often');
}

type Received = HttpAnswer & { readonly location: string | undefined };

function send(url: URL, headers: Readonly<Record<string, string>>): Promise<Received> {
  const { promise, resolve, reject } = Promise.withResolvers<Received>();
  const start = url.protocol === 'https:' ? requestHttps : requestHttp;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  // An hour lies between two calls: a kept connection would be a dead one.
  const outgoing = start(
    url,
    { headers: { accept: '*/*', ...headers }, signal, agent: false },
    (incoming) => {
      const { statusCode: status = 0, headers: received } = incoming;
      const chunks: Buffer[] = [];
      let bytes = 0;
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BYTES) incoming.destroy(new Error(`it is larger than ${String(MAX_BYTES)} bytes`));
        else chunks.push(chunk);
      });
      incoming.on('error', reject);
      incoming.on('end', () => {
        resolve({
          status,
          headers: { etag: received.etag, modified: received['last-modified'] },
          location: status >= 300 && status < 400 && status !== 304 ? received.location : undefined,
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
    },
  );
  outgoing.on('error', reject);
  outgoing.end();
  return promise;
}
