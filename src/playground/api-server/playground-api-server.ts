/**
 * The Kubernetes API server of the playground: everything in this process, driven by the clock and the randomness that
 * it is given, so that a run can be replayed. Clients reach it as a Transport, kubectl through listenHttp, and the
 * simulated control plane through ClusterAccess.
 */
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import type { Clock } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';
import type { ClusterAccess } from '../fleet/cluster-access.ts';
import { type Authorizer, allowAll } from './access/access.ts';
import { TokenAuthenticator } from './access/authenticator.ts';
import { RbacAuthorizer } from './access/rbac-authorizer.ts';
import { ServiceAccountTokens } from './access/service-account-tokens.ts';
import { AdmissionChain } from './admission/admission-chain.ts';
import { FieldManager } from './apply/field-manager.ts';
import { type AccessIdentity, StorageAccess } from './cluster/storage-access.ts';
import { Discovery } from './discovery/discovery.ts';
import { builtinResources } from './kinds/builtin-resources.ts';
import { type BootstrapRoles, loadBootstrapRoles } from './lifecycle/bootstrap-roles.ts';
import { startControllers } from './lifecycle/controllers.ts';
import { OpenApi } from './openapi/open-api.ts';
import { Registry } from './resources/registry.ts';
import { OBJECT_META } from './schema/definitions.ts';
import { type Schemas, loadSchemas } from './schema/load-schemas.ts';
import { Actions } from './server/actions.ts';
import { Dispatcher } from './server/dispatcher.ts';
import { METRICS_GROUP, type MetricsProvider, metricsPaths } from './server/metrics-paths.ts';
import { openApiPaths } from './server/open-api-paths.ts';
import { discoveryPaths, healthPaths, versionPath } from './server/plain-paths.ts';
import { type LogProvider, addPodActions } from './server/pod-actions.ts';
import { type HandlerParts, ResourceHandler } from './server/resource-handler.ts';
import { type ReviewParts, addReviewActions } from './server/review-actions.ts';
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
  /**
   * Who may do what: everybody everything, which is the default; whoever the stored roles and bindings allow, with the
   * roles that a new cluster has; or what an authorizer says.
   */
  readonly authorization?: 'always-allow' | 'rbac' | Authorizer;
  readonly logs?: LogProvider;
  /** Reaches admission webhooks; none can be reached where it is absent. */
  readonly webhooks?: WebhookCaller;
  /** PEM text of the authority that pods are told to trust. */
  readonly rootCertificate?: string;
}

export class PlaygroundApiServer implements Transport {
  readonly #parts: HandlerParts;
  readonly #dispatcher: Dispatcher;
  #metrics: MetricsProvider | undefined;

  /** Loads the schemas, which all servers of a process share, and makes a server with the namespaces of a new cluster. */
  static async create(options: ApiServerOptions): Promise<PlaygroundApiServer> {
    const roles = options.authorization === 'rbac' ? await loadBootstrapRoles() : undefined;
    return new PlaygroundApiServer(options, { schemas: await loadSchemas(), roles });
  }

  private constructor(options: ApiServerOptions, { schemas, roles }: Loaded) {
    this.#parts = handlerParts(options, schemas);
    const { registry, store } = this.#parts;
    const tokens = new ServiceAccountTokens(this.#parts);
    const authorizer = authorizerOf(options, store);
    const discovery = new Discovery(registry);
    discovery.addGroups(() => (this.#metrics === undefined ? [] : [METRICS_GROUP]));
    this.#dispatcher = new Dispatcher({
      registry,
      authenticator: new TokenAuthenticator(tokens),
      authorizer,
      resources: new ResourceHandler(this.#parts),
      actions: actionsOf({ ...this.#parts, authorizer, tokens }, options),
      paths: [
        metricsPaths(() => this.#metrics),
        discoveryPaths(discovery),
        openApiPaths(new OpenApi(registry, schemas)),
        healthPaths(),
        versionPath(schemas.version),
      ],
    });
    const { rootCertificate = '' } = options;
    startControllers(this.#parts, {
      rootCertificate,
      roles,
      metadata: schemas.definitions.node(OBJECT_META),
    });
  }

  send(request: WireRequest): Promise<WireResponse> {
    return this.#dispatcher.handle(request);
  }

  /** The storage as the simulated components of the cluster see it. */
  access(identity?: AccessIdentity): ClusterAccess {
    return new StorageAccess(this.#parts, identity);
  }

  /** Serves metrics.k8s.io from now on. */
  serveMetrics(provider: MetricsProvider): void {
    this.#metrics = provider;
  }
}

interface Loaded {
  readonly schemas: Schemas;
  /** Absent where roles do not matter. */
  readonly roles: BootstrapRoles | undefined;
}

function handlerParts(options: ApiServerOptions, schemas: Schemas): HandlerParts {
  const { clock, random, webhooks: caller = noCaller } = options;
  const store = new Store(clock, options.history);
  const registry = new Registry();
  for (const resource of builtinResources(schemas)) registry.add(resource);
  const source = new HookSource(store);
  const webhooks = new ClusterWebhooks({ clock, random, store, registry, source, caller });
  const admission = new AdmissionChain({ store, random }, webhooks);
  const fields = new FieldManager(clock);
  return { clock, random, store, registry, fields, admission, tables: new Tables(schemas.columns) };
}

function authorizerOf({ authorization = 'always-allow' }: ApiServerOptions, store: Store): Authorizer {
  if (authorization === 'always-allow') return allowAll;
  return authorization === 'rbac' ? new RbacAuthorizer(store) : authorization;
}

function actionsOf(parts: ReviewParts, { logs = (): string => '' }: ApiServerOptions): Actions {
  const actions = new Actions(scaleAction(parts));
  addPodActions(actions, parts, logs);
  addReviewActions(actions, parts);
  return actions;
}
