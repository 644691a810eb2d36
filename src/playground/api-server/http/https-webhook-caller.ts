/** Calls admission webhooks over HTTPS, as a real API server does. */
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { WebhookCaller, WebhookService, WebhookTarget } from '../webhooks/webhook-caller.ts';

export interface WebhookEndpoint {
  readonly host: string;
  readonly port: number;
}

/** Where a service of the cluster is to be found; undefined where nobody serves it. */
export type ServiceResolver = (service: WebhookService) => WebhookEndpoint | undefined;

/** `resolve` finds the services that webhooks name; without it only webhooks with an address can be called. */
export function httpsWebhookCaller(resolve: ServiceResolver = () => undefined): WebhookCaller {
  return async (url, review, target) => {
    const text = await post(new URL(url), JSON.stringify(review), {
      target,
      endpoint: endpointOf(target, resolve),
    });
    return JSON.parse(text) as unknown;
  };
}

function endpointOf({ service }: WebhookTarget, resolve: ServiceResolver): WebhookEndpoint | undefined {
  if (service === undefined) return undefined;
  const endpoint = resolve(service);
  if (endpoint === undefined) throw new Error(`service ${JSON.stringify(service.name)} not found`);
  return endpoint;
}

interface Destination {
  readonly target: WebhookTarget;
  readonly endpoint: WebhookEndpoint | undefined;
}

/** The certificate is checked for the name in the URL, wherever the connection goes. */
function post(url: URL, body: string, { target, endpoint }: Destination): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        method: 'POST',
        host: endpoint?.host ?? url.hostname,
        port: endpoint?.port ?? (url.port || '443'),
        path: `${url.pathname}${url.search}`,
        servername: isAddress(url.hostname) ? '' : url.hostname,
        headers: {
          host: url.host,
          'content-type': 'application/json',
          accept: 'application/json',
          'content-length': Buffer.byteLength(body),
        },
        signal: target.signal,
        ...(target.caBundle === '' ? {} : { ca: target.caBundle }),
      },
      (response) => {
        readAnswer(response).then(resolve, reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.startsWith('[');
}

async function readAnswer(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  const { statusCode = 0 } = response;
  if (statusCode >= 200 && statusCode < 300) return text;
  throw new Error(`the webhook answered with status ${statusCode}: ${text.slice(0, 1024)}`);
}
