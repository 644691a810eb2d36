/** The admission webhooks of the cluster, called as a real API server calls them. */
import { messageOf } from '#errors/kc-error.ts';
import type { Webhooks } from '../admission/admission-chain.ts';
import { type Attributes, isOwnKind } from '../admission/admission.ts';
import { deepEqual } from '../json/equality.ts';
import { type PatchOperation, applyJsonPatch, readOperations } from '../patch/json-patch.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { type StatusError, internalError } from '../wire/status-error.ts';
import { type CallParts, CallFailure, callHook } from './hook-call.ts';
import type { Hook, HookKind } from './hook.ts';
import type { HookSource } from './hook-source.ts';
import { type MatchContext, invocationOf, mayConcern } from './matching.ts';
import type { MutationRound } from './mutation-round.ts';
import { type Invocation, type WebhookAnswer, inVersion } from './review.ts';

const CONFIGURATIONS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'];

export interface WebhookParts extends CallParts, MatchContext {
  readonly source: HookSource;
}

export class ClusterWebhooks implements Webhooks {
  readonly #parts: WebhookParts;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
  }

  concern(attributes: Attributes, kind: HookKind): boolean {
    const hooks = this.#parts.source.hooks(kind);
    if (hooks.length === 0 || isConfiguration(attributes)) return false;
    return hooks.some((hook) => mayConcern(hook, attributes));
  }

  /** One after the other; resolves with the object as the last one left it. */
  async mutate(attributes: Attributes, round: MutationRound): Promise<ApiObject | undefined> {
    let { object } = attributes;
    for (const hook of this.#parts.source.hooks('mutating')) {
      if (!mayConcern(hook, attributes)) continue;
      const current = { ...attributes, object };
      const invocation = invocationOf(hook, current, this.#parts);
      if (invocation === undefined || round.skips(hook.id)) continue;
      const next = await this.#mutateBy(invocation, current);
      if (next !== object) round.noteChange();
      if (hook.isReinvoked) round.noteAsked(hook.id);
      object = next;
    }
    return object;
  }

  async #mutateBy(invocation: Invocation, attributes: Attributes): Promise<ApiObject | undefined> {
    const { hook, resource } = invocation;
    const { call, object } = attributes;
    const operations = await this.#heed(hook, async () =>
      readPatch(hook, await callHook(this.#parts, invocation, attributes)),
    );
    if (operations === undefined || operations.length === 0) return object;
    if (object === undefined) throw nothingToModify(hook);
    const patched = patch(inVersion(call.resource, resource, object), operations);
    const asked = inVersion(resource, call.resource, patched);
    const next = isOwnKind(call) ? call.resource.codec.decode(asked, object).object : asked;
    return deepEqual(next, object) ? object : next;
  }

  /** All at once. The first of those that object is heard. */
  async validate(attributes: Attributes): Promise<void> {
    const hooks = this.#parts.source.hooks('validating').filter((hook) => mayConcern(hook, attributes));
    const invocations = hooks
      .map((hook) => invocationOf(hook, attributes, this.#parts))
      .filter((invocation) => invocation !== undefined);
    const outcomes = await Promise.allSettled(
      invocations.map((invocation) =>
        this.#heed(invocation.hook, () => callHook(this.#parts, invocation, attributes)),
      ),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** What `run` says; undefined where the hook failed and that is to be ignored. */
  async #heed<T>(hook: Hook, run: () => Promise<T>): Promise<T | undefined> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      if (hook.ignoresFailure) return undefined;
      throw internalError(error.message);
    }
  }
}

/** Webhooks are not asked about webhooks, lest nobody could remove a broken one. */
function isConfiguration({ call }: Attributes): boolean {
  return (
    call.resource.group === 'admissionregistration.k8s.io' && CONFIGURATIONS.includes(call.resource.plural)
  );
}

function nothingToModify({ name }: Hook): StatusError {
  const problem = 'attempted to modify the object, which is not supported for this operation';
  return internalError(`admission webhook ${JSON.stringify(name)} ${problem}`);
}

function readPatch(hook: Hook, { patch: text, patchType }: WebhookAnswer): readonly PatchOperation[] {
  if (text === '') return [];
  if (patchType !== 'JSONPatch') {
    throw new CallFailure(hook, `unsupported patch type ${JSON.stringify(patchType)}`);
  }
  try {
    return readOperations(JSON.parse(text));
  } catch (error) {
    const problem = messageOf(error);
    throw new CallFailure(hook, `received undecodable patch in webhook response: ${problem}`);
  }
}

function patch(object: ApiObject, operations: readonly PatchOperation[]): ApiObject {
  try {
    return applyJsonPatch(object, operations) as ApiObject;
  } catch (error) {
    throw internalError(messageOf(error));
  }
}
