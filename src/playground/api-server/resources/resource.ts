/** One kind of object that the server serves under one group version. */
import type { ResourceType } from '#kube/client/resource-type.ts';
import { apiVersionOf } from '#kube/client/resource-type.ts';
import type { FieldScope } from '../apply/field-manager.ts';
import type { DiscoveredResource } from '../schema/load-schemas.ts';
import type { JsonObject } from '../json/json.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import type { ApiObject } from '../storage/api-object.ts';
import type { GroupResource } from '../wire/status-error.ts';
import type { Codec } from './codec.ts';
import type { KindRules, UpdateRules } from './kind-rules.ts';

/** How a version that objects are not stored in looks at them. */
export interface VersionView {
  readonly fromStorage: (object: ApiObject) => ApiObject;
  readonly toStorage: (object: ApiObject) => ApiObject;
}

/** Paths of the scale subresource in the objects of a kind. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** The selector: a text, or a structured one. */
  readonly selector: readonly string[] | undefined;
}

export interface Resource extends ResourceType {
  readonly apiVersion: string;
  readonly singular: string;
  readonly listKind: string;
  /** As discovery lists it: the resource itself, then its subresources. */
  readonly discovery: readonly DiscoveredResource[];
  readonly node: SchemaNode;
  readonly codec: Codec;
  readonly rules: KindRules;
  readonly scale: ScalePaths | undefined;
  /** The collection that holds the objects; versions of one kind share it. */
  readonly stored: GroupResource;
  /** Absent for the version that objects are stored in. */
  readonly view: VersionView | undefined;
  /** The schema of a custom resource as its definition says it; undefined for a built-in kind. */
  readonly customSchema: JsonObject | undefined;
}

/** What a resource is made of; the rest follows. */
export type ResourceParts = Omit<Resource, 'apiVersion' | '_object'>;

export function makeResource(parts: ResourceParts): Resource {
  return { ...parts, apiVersion: apiVersionOf(parts) };
}

/** The rules of the resource itself or of a view such as `status`; undefined where there is no such view. */
export function updateRulesOf(resource: Resource, subresource: string): UpdateRules | undefined {
  return subresource === '' ? resource.rules.update : resource.rules.views[subresource];
}

export function fieldScopeOf(resource: Resource, subresource: string): FieldScope {
  return {
    node: resource.node,
    apiVersion: resource.apiVersion,
    subresource,
    filter: (updateRulesOf(resource, subresource) ?? resource.rules.update).ownable,
    blank: resource.codec.blank,
  };
}
