/**
 * The Kubernetes API server of the playground: everything in this process, driven by the clock and the randomness that
 * it is given, so that a run can be replayed. Clients reach it as a Transport, kubectl through HttpListener, and the
 * simulated control plane through ClusterAccess.
 */
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import type { Clock } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';
import type { ClusterAccess } from '../fleet/cluster-access.ts';
import { type Authorizer, allowAll } from './access/access.ts';
import { HeaderAuthenticator } from './access/authenticator.ts';
import { AdmissionChain } from './admission/admission-chain.ts';
import { FieldManager } from './apply/field-manager.ts';
import { type AccessIdentity, StorageAccess } from './cluster/storage-access.ts';
import { DefinitionController } from './custom/definition-controller.ts';
import { Discovery } from './discovery/discovery.ts';
import { builtinResources } from './kinds/builtin-resources.ts';
import { bootstrap } from './lifecycle/bootstrap.ts';
import { expireEvents } from './lifecycle/event-expiry.ts';
import { GarbageCollector } from './lifecycle/garbage-collector.ts';
import { fillNamespaces } from './lifecycle/namespace-content.ts';
import { NamespaceController } from './lifecycle/namespace-controller.ts';
import { taintNodes } from './lifecycle/node-taints.ts';
import { Registry } from './resources/registry.ts';
import { OBJECT_META } from './schema/definitions.ts';
import { type Schemas, loadSchemas } from './schema/load-schemas.ts';
import type { SchemaNode } from './schema/schema-node.ts';
import { Actions } from './server/actions.ts';
import { Dispatcher } from './server/dispatcher.ts';
import { OpenApi } from './openapi/open-api.ts';
import { openApiPaths } from './server/open-api-paths.ts';
import { discoveryPaths, healthPaths, versionPath } from './server/plain-paths.ts';
import { type LogProvider, addPodActions } from './server/pod-actions.ts';
import { type HandlerParts, ResourceHandler } from './server/resource-handler.ts';
import { scaleAction } from './server/scale-action.ts';
import type { HistoryLimits } from './storage/history.ts';
import { Store } from './storage/store.ts';
import { Tables } from './tables/tables.ts';
import { ClusterWebhooks } from './webhooks/cluster-webhooks.ts';
import { HookSource } from './webhooks/hook-source.ts';
import { type WebhookCaller, noCaller } from './webhooks/webhook-caller.ts';

export interface ApiServerOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** How long changes are kept for watches and older lists. */
  readonly history?: HistoryLimits;
  /** Decides who may do what; everybody may do everything where it is absent. */
  readonly authorizer?: Authorizer;
  readonly logs?: LogProvider;
  /** Reaches admission webhooks; none can be reached where it is absent. */
  readonly webhooks?: WebhookCaller;
  /** PEM text of the authority that pods are told to trust. */
  readonly rootCertificate?: string;
}

export class PlaygroundApiServer implements Transport {
  readonly #parts: HandlerParts;
  readonly #dispatcher: Dispatcher;

  /** Loads the schemas, which all servers of a process share, and makes a server with the namespaces of a new cluster. */
  static async create(options: ApiServerOptions): Promise<PlaygroundApiServer> {
    return new PlaygroundApiServer(options, await loadSchemas());
  }

  private constructor(options: ApiServerOptions, schemas: Schemas) {
    const { clock, random, logs = (): string => '' } = options;
    const store = new Store(clock, options.history);
    const registry = new Registry();
    for (const resource of builtinResources(schemas)) registry.add(resource);
    const source = new HookSource(store);
    const webhooks = new ClusterWebhooks({
      clock,
      random,
      store,
      registry,
      source,
      caller: options.webhooks ?? noCaller,
    });
    const admission = new AdmissionChain({ store, random }, webhooks);
    const fields = new FieldManager(clock);
    this.#parts = { clock, random, store, registry, fields, admission, tables: new Tables(schemas.columns) };
    const actions = new Actions(scaleAction(this.#parts));
    addPodActions(actions, this.#parts, logs);
    const discovery = new Discovery(registry);
    this.#dispatcher = new Dispatcher({
      registry,
      authenticator: new HeaderAuthenticator(),
      authorizer: options.authorizer ?? allowAll,
      resources: new ResourceHandler(this.#parts),
      actions,
      paths: [
        discoveryPaths(discovery),
        openApiPaths(new OpenApi(registry, schemas)),
        healthPaths(),
        versionPath(schemas.version),
      ],
    });
    this.#startControllers(options.rootCertificate ?? '', schemas.definitions.node(OBJECT_META));
  }

  #startControllers(rootCertificate: string, metadata: SchemaNode): void {
    const parts = this.#parts;
    const collector = new GarbageCollector(parts);
    new DefinitionController({ ...parts, collector, metadata }).start();
    for (const resource of parts.registry.stored()) collector.watch(resource);
    fillNamespaces(parts, rootCertificate);
    new NamespaceController(parts).start();
    expireEvents(parts);
    taintNodes(parts);
    bootstrap(parts);
  }

  send(request: WireRequest): Promise<WireResponse> {
    return this.#dispatcher.handle(request);
  }

  /** The storage as the simulated components of the cluster see it. */
  access(identity?: AccessIdentity): ClusterAccess {
    return new StorageAccess(this.#parts, identity);
  }
}
