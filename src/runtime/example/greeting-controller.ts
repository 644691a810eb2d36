/** The controller of the example: keeps a ConfigMap with the text that a Greeting asks for. */
import type { ConfigMap } from '#apis/kubernetes/builtin.ts';
import { type ObjectKey, keyOf } from '#apis/kubernetes/object.ts';
import { CONFIG_MAPS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { Informer } from '#kube/watch/informer.ts';
import type { Clock } from '#platform/clock.ts';
import { ready } from '../conditions/conditions.ts';
import { patchStatus } from '../conditions/status-patch.ts';
import type { ControllerSpec } from '../controller/controller-spec.ts';
import { generationChanged } from '../controller/predicates.ts';
import { DONE, type Result } from '../controller/reconcile.ts';
import { watchOwn, watchOwned } from '../controller/source.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { Manager } from '../manager/manager.ts';
import { isBeingDeleted } from '../objects/finalizers.ts';
import { ownedBy, ownerReference } from '../objects/owner-references.ts';
import { WATCH, allow } from '../rbac/permission.ts';
import { GREETINGS, type Greeting } from './greeting.ts';

const FIELD_MANAGER = 'greeter';

/** Everything that a decision needs. */
interface Facts {
  readonly greeting: Greeting;
  readonly configMap: ConfigMap | undefined;
}

/** Which text the ConfigMap must be given; undefined where it is right already. Pure. */
export function decide({ greeting, configMap }: Facts): string | undefined {
  const text = `${greeting.spec.words ?? 'Hello'}, ${greeting.spec.name}!`;
  return configMap?.data?.['text'] === text ? undefined : text;
}

export interface GreeterOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly greetings: Informer<Greeting>;
  readonly configMaps: Informer<ConfigMap>;
}

export class Greeter {
  readonly #options: GreeterOptions;

  constructor(options: GreeterOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey): Promise<Result> {
    // 1. Gather. What is gone or going needs nothing: the garbage collector takes the ConfigMap.
    const greeting = this.#options.greetings.store.get(key);
    if (greeting === undefined || isBeingDeleted(greeting)) return DONE;
    const configMap = this.#options.configMaps.store.get(key);
    // 2. Decide.
    const text = decide({ greeting, configMap });
    // 3. Apply. A crash between the two writes leads to the same end: the next reconcile finds the first one done.
    if (text !== undefined) await this.#write(greeting, text);
    await this.#report(greeting);
    return DONE;
  }

  async #write(greeting: Greeting, text: string): Promise<void> {
    const { client, configMaps, events } = this.#options;
    const configMap = ownedBy<ConfigMap>(
      { metadata: keyOf(greeting) as { name: string }, data: { text } },
      ownerReference(GREETINGS, greeting),
    );
    const options = { fieldManager: FIELD_MANAGER, force: true };
    configMaps.observe(await client.apply(CONFIG_MAPS, configMap, options));
    events.record({ object: greeting, type: 'Normal', reason: 'Greeted', message: text });
  }

  async #report(greeting: Greeting): Promise<void> {
    const { client, clock, greetings } = this.#options;
    const { generation } = greeting.metadata ?? {};
    const found = { reason: 'Greeted', message: 'the ConfigMap holds the greeting' };
    const conditions = ready(greeting.status?.conditions, found, { nowMs: clock.now(), generation });
    const status = { ...greeting.status, observedGeneration: generation, conditions };
    const informer = greetings;
    await patchStatus(client, {
      type: GREETINGS,
      object: greeting,
      status,
      fieldManager: FIELD_MANAGER,
      informer,
    });
  }
}

/** The controller, wired to a manager. */
export function greetingController(manager: Manager, clock: Clock): ControllerSpec {
  const greetings = manager.informers.of(GREETINGS);
  const configMaps = manager.informers.of(CONFIG_MAPS);
  const greeter = new Greeter({
    client: manager.client,
    clock,
    events: manager.events,
    greetings,
    configMaps,
  });
  return {
    name: 'greeting',
    sources: [watchOwn(greetings, generationChanged), watchOwned(configMaps, GREETINGS)],
    reconcile: (key) => greeter.reconcile(key),
    permissions: [
      allow(GREETINGS, WATCH),
      allow(GREETINGS, ['patch'], { subresource: 'status' }),
      allow(CONFIG_MAPS, [...WATCH, 'create', 'patch']),
    ],
  };
}
