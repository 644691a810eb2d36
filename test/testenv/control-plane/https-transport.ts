/** The smallest transport that reaches a test API server. */
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { KcError, messageOf } from '#errors/kc-error.ts';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import type { KeyPair } from './certificates.ts';

function answer(message: IncomingMessage): WireResponse {
  message.setEncoding('utf8');
  const headers = Object.entries(message.headers).map(([name, value]) => [name, String(value)] as const);
  async function* chunks(): AsyncGenerator<string> {
    for await (const chunk of message) yield String(chunk);
  }
  return {
    status: message.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    chunks,
    text: async () => (await Array.fromAsync(chunks())).join(''),
  };
}

/** A transport with a client certificate. */
export function httpsTransport(url: string, authority: string, user: KeyPair): Transport {
  const agent = new Agent({ keepAlive: true, ca: authority, cert: user.certificate, key: user.key });
  const send = ({ method, path, headers, body, signal, timeoutMs }: WireRequest): Promise<WireResponse> =>
    new Promise((resolve, reject) => {
      const call = request(new URL(path, url), { method, headers, agent, ...(signal ? { signal } : {}) });
      call
        .once('response', (message) => {
          resolve(answer(message));
        })
        .once('error', (cause) => {
          const refused = new KcError('KC_API_UNREACHABLE', {
            object: url,
            problem: messageOf(cause),
            cause,
          });
          reject(signal?.aborted === true && signal.reason instanceof Error ? signal.reason : refused);
        })
        .setTimeout(timeoutMs ?? 60_000, () => call.destroy(new Error('no answer in time')))
        .end(body);
    });
  return { send };
}
