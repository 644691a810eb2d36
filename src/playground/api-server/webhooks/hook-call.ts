/** One call of one webhook. */
import type { Clock } from '#platform/clock.ts';
import { messageOf } from '#errors/kc-error.ts';
import type { Random } from '#platform/random.ts';
import type { Attributes } from '../admission/admission.ts';
import { asNumber, asText, isObject, type JsonObject, textAt } from '../json/json.ts';
import { StatusError, badRequest } from '../wire/status-error.ts';
import type { Hook } from './hook.ts';
import {
  type Invocation,
  type WebhookAnswer,
  readAnswer,
  requestOf,
  reviewOf,
  reviewVersionOf,
} from './review.ts';
import type { WebhookCaller, WebhookService } from './webhook-caller.ts';

const HTTPS_PORT = 443;

/** The webhook could not be called or did not answer properly; its failure policy decides what that means. */
export class CallFailure extends Error {
  constructor(hook: Hook, reason: string) {
    super(`failed calling webhook ${JSON.stringify(hook.name)}: ${reason}`);
    this.name = 'CallFailure';
  }
}

export interface CallParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly caller: WebhookCaller;
}

/** The answer of a webhook that allows the operation. Throws a StatusError where it does not, or a CallFailure. */
export async function callHook(
  parts: CallParts,
  invocation: Invocation,
  attributes: Attributes,
): Promise<WebhookAnswer> {
  const { hook } = invocation;
  if (attributes.call.dryRun && !hook.supportsDryRun) {
    throw badRequest(`admission webhook ${JSON.stringify(hook.name)} does not support dry run`);
  }
  const answer = await ask(parts, invocation, attributes);
  attributes.call.warnings.push(...answer.warnings);
  if (!answer.isAllowed) throw refusal(hook, answer.result);
  return answer;
}

async function ask(parts: CallParts, invocation: Invocation, attributes: Attributes): Promise<WebhookAnswer> {
  const { hook } = invocation;
  const uid = parts.random.uuid();
  const version = attempt(hook, '', () => reviewVersionOf(hook));
  const review = reviewOf(version, requestOf(invocation, attributes, uid));
  const { url, service } = addressOf(hook);
  const caBundle = Buffer.from(asText(hook.client['caBundle']), 'base64').toString('utf8');
  let response: unknown;
  try {
    response = await withDeadline(parts.clock, hook.timeoutSeconds, (signal) =>
      parts.caller(url, review, { service, caBundle, signal }),
    );
  } catch (error) {
    throw new CallFailure(hook, `failed to call webhook: Post ${JSON.stringify(url)}: ${messageOf(error)}`);
  }
  return attempt(hook, 'received invalid webhook response: ', () =>
    readAnswer(response, { hook, version, uid }),
  );
}

function attempt<T>(hook: Hook, prefix: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new CallFailure(hook, `${prefix}${messageOf(error)}`);
  }
}

interface Address {
  readonly url: string;
  readonly service: WebhookService | undefined;
}

/** A service is reached by its name in the cluster. */
function addressOf({ client, timeoutSeconds }: Hook): Address {
  const query = `?timeout=${timeoutSeconds}s`;
  const { service } = client;
  if (!isObject(service)) return { url: `${asText(client['url'])}${query}`, service: undefined };
  const name = textAt(service, 'name');
  const namespace = textAt(service, 'namespace');
  const port = asNumber(service['port']) ?? HTTPS_PORT;
  const path = textAt(service, 'path') || '/';
  return {
    url: `https://${name}.${namespace}.svc:${port}${path}${query}`,
    service: { namespace, name, port },
  };
}

/** Rejects when the time is over, whether or not `run` heeds its signal. */
function withDeadline<T>(
  clock: Clock,
  seconds: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  return new Promise((resolve, reject) => {
    const timer = clock.after(seconds * 1000, () => {
      const error = new Error('context deadline exceeded');
      abort.abort(error);
      reject(error);
    });
    run(abort.signal)
      .then(resolve, reject)
      .finally(() => {
        timer.cancel();
      });
  });
}

/** What the client is told when a webhook says no. */
function refusal({ name }: Hook, result: JsonObject): StatusError {
  const head = `admission webhook ${JSON.stringify(name)} denied the request`;
  const reason = asText(result['reason']);
  const text = asText(result['message']) || reason;
  const message = text === '' ? `${head} without explanation` : `${head}: ${text}`;
  const code = Math.max(asNumber(result['code']) ?? 0, 400);
  const { details } = result;
  return new StatusError(code, reason, { message, ...(isObject(details) ? { details } : {}) });
}
