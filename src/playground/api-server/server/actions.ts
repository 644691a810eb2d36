/** Subresources and resources that do something rather than hold something. */
import type { WireResponse } from '#kube/transport/transport.ts';
import type { Call } from '../wire/call.ts';
import type { ParsedRequest } from './request.ts';
import type { Verb } from './verbs.ts';

export type Action = (verb: Verb, call: Call, request: ParsedRequest) => Promise<WireResponse> | WireResponse;

/** Finds the action of a call by `group/plural/subresource`. */
export class Actions {
  readonly #actions = new Map<string, Action>();
  readonly #scale: Action;

  /** `scale` serves the subresource of that name of every kind. */
  constructor(scale: Action) {
    this.#scale = scale;
  }

  add(name: string, action: Action): void {
    this.#actions.set(name, action);
  }

  find(call: Call): Action | undefined {
    const { resource, subresource } = call;
    if (subresource === 'scale' && resource.scale !== undefined) return this.#scale;
    return this.#actions.get(`${resource.group}/${resource.plural}/${subresource}`);
  }
}
