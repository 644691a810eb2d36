/**
 * Follows the custom resource definitions: accepts their names, serves their resources, and takes them away again when
 * they go. Happens at once, where a real cluster takes a moment.
 */
import { rfc3339 } from '#platform/clock.ts';
import { type JsonObject, asList, asObject, asObjects, asText, objectAt } from '../json/json.ts';
import type { GarbageCollector } from '../lifecycle/garbage-collector.ts';
import { withField } from '../resources/kind-rules.ts';
import type { Resource } from '../resources/resource.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import { type ApiObject, withMeta, withoutMeta } from '../storage/api-object.ts';
import type { Tables } from '../tables/tables.ts';
import { StatusError } from '../wire/status-error.ts';
import { deleteObject, readDeleteOptions } from '../writes/delete.ts';
import { tracked } from '../writes/track.ts';
import type { ServerParts } from '../writes/write-parts.ts';
import { internalCall } from '../lifecycle/internal-call.ts';
import { CLEANUP } from './definition-deletion.ts';
import { type CustomResource, customResources, namesOf } from './definition-resources.ts';

const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions' };
const APPROVAL = 'api-approved.kubernetes.io';
const PROTECTED = /(^|\.)(k8s|kubernetes)\.io$/;
const DELAY_MS = 10;
/** Instances may wait for their own finalizers. */
const RETRY_MS = 1000;

export interface DefinitionParts extends ServerParts {
  readonly tables: Tables;
  /** The schema of ObjectMeta. */
  readonly metadata: SchemaNode;
  readonly collector: GarbageCollector;
}

export class DefinitionController {
  readonly #parts: DefinitionParts;
  readonly #served = new Map<
    string,
    { readonly resources: readonly CustomResource[]; readonly spec: unknown }
  >();

  constructor(parts: DefinitionParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.store.collection(DEFINITIONS).listen(({ type, object }) => {
      const name = object.metadata.name ?? '';
      if (type === 'DELETED') this.#withdraw(name);
      else this.#follow(name);
    });
  }

  /** The definition of a custom resource, for its schema in documents. */
  definitionOf(group: string, plural: string): ApiObject | undefined {
    return this.#parts.store.collection(DEFINITIONS).get(`${plural}.${group}`);
  }

  #follow(name: string): void {
    const definition = this.#parts.store.collection(DEFINITIONS).get(name);
    if (definition === undefined) return;
    if (this.#served.get(name)?.spec !== definition['spec']) this.#serve(name, definition);
    const next = this.#withStatus(definition);
    if (next !== definition) {
      const change = { live: definition, object: next, name: 'kube-apiserver', subresource: 'status' };
      this.#parts.store.update(DEFINITIONS, definition, tracked(this.#parts, DEFINITIONS, change));
    }
    const isEnding = definition.metadata.deletionTimestamp !== undefined;
    if (isEnding && (definition.metadata.finalizers ?? []).includes(CLEANUP)) this.#schedule(name, DELAY_MS);
  }

  #serve(name: string, definition: ApiObject): void {
    const { registry, tables, metadata, collector } = this.#parts;
    const before = this.#served.get(name);
    for (const { resource } of before?.resources ?? []) registry.remove(resource);
    const resources = customResources(definition, metadata);
    for (const { resource, columns } of resources) {
      registry.add(resource);
      tables.add(resource, columns);
    }
    const [first] = resources;
    if (before === undefined && first !== undefined) collector.watch(first.resource);
    this.#served.set(name, { resources, spec: definition['spec'] });
  }

  #withdraw(name: string): void {
    for (const { resource } of this.#served.get(name)?.resources ?? []) this.#parts.registry.remove(resource);
    this.#served.delete(name);
  }

  /** The definition with its names accepted; the same one where they are. */
  #withStatus(definition: ApiObject): ApiObject {
    const status = asObject(definition['status']);
    const names = namesOf(definition);
    const conditions = asObjects(status['conditions']);
    const wanted = this.#conditions(definition);
    const isDone = wanted.every((condition) =>
      conditions.some(
        ({ type, status: state }) => type === condition['type'] && state === condition['status'],
      ),
    );
    if (isDone && objectAt(status, 'acceptedNames')['kind'] === names.kind) return definition;
    const kept = conditions.filter(({ type }) => !wanted.some((condition) => condition['type'] === type));
    return withField(definition, 'status', {
      ...status,
      conditions: [...kept, ...wanted],
      acceptedNames: names,
    });
  }

  #conditions(definition: ApiObject): readonly JsonObject[] {
    const lastTransitionTime = rfc3339(this.#parts.clock.now());
    const condition = (
      type: string,
      state: string,
      [reason, message]: readonly [string, string],
    ): JsonObject => ({
      lastTransitionTime,
      message,
      reason,
      status: state,
      type,
    });
    const approval = definition.metadata.annotations?.[APPROVAL];
    const isProtected = PROTECTED.test(asText(objectAt(definition, 'spec')['group']));
    const isApproved = approval?.startsWith('unapproved') !== true;
    return [
      condition('NamesAccepted', 'True', ['NoConflicts', 'no conflicts found']),
      condition('Established', 'True', ['InitialNamesAccepted', 'the initial names have been accepted']),
      ...(isProtected && approval !== undefined
        ? [
            isApproved
              ? condition('KubernetesAPIApprovalPolicyConformant', 'True', [
                  'ApprovedAnnotation',
                  `approved in ${approval}`,
                ])
              : condition('KubernetesAPIApprovalPolicyConformant', 'False', [
                  'UnapprovedAnnotation',
                  `not approved: ${JSON.stringify(approval)}`,
                ]),
          ]
        : []),
    ];
  }

  #schedule(name: string, delayMs: number): void {
    this.#parts.clock.after(delayMs, () => {
      void this.#cleanUp(name);
    });
  }

  /** Deletes the instances, then lets the definition go. */
  async #cleanUp(name: string): Promise<void> {
    const { store } = this.#parts;
    const definition = store.collection(DEFINITIONS).get(name);
    if (definition?.metadata.deletionTimestamp === undefined) return;
    const resource = this.#served.get(name)?.resources[0]?.resource;
    if (resource !== undefined) await this.#deleteInstances(resource);
    const isEmpty = resource === undefined || store.collection(resource.stored).size === 0;
    if (isEmpty) this.#release(name);
    else this.#schedule(name, RETRY_MS);
  }

  async #deleteInstances(resource: Resource): Promise<void> {
    for (const { metadata } of this.#parts.store.collection(resource.stored).list()) {
      if (metadata.deletionTimestamp !== undefined) continue;
      const call = internalCall(resource, { namespace: metadata.namespace ?? '', name: metadata.name ?? '' });
      await deleteObject(this.#parts, call, readDeleteOptions({})).catch(ignoreStatus);
    }
  }

  #release(name: string): void {
    const { store } = this.#parts;
    const definition = store.collection(DEFINITIONS).get(name);
    if (definition === undefined) return;
    const finalizers = asList(definition.metadata.finalizers).filter((finalizer) => finalizer !== CLEANUP);
    if (finalizers.length === 0) store.remove(DEFINITIONS, definition, withoutMeta(definition, 'finalizers'));
    else store.update(DEFINITIONS, definition, withMeta(definition, { finalizers: finalizers.map(asText) }));
  }
}

function ignoreStatus(error: unknown): void {
  if (!(error instanceof StatusError)) throw error;
}
