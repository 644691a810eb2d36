/** Starts what an API server and its controller manager do by themselves, without nodes and workloads. */
import { DefinitionController } from '../custom/definition-controller.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import type { HandlerParts } from '../server/resource-handler.ts';
import { type BootstrapRoles, seedRoles } from './bootstrap-roles.ts';
import { bootstrap } from './bootstrap.ts';
import { expireEvents } from './event-expiry.ts';
import { GarbageCollector } from './garbage-collector.ts';
import { fillNamespaces } from './namespace-content.ts';
import { NamespaceController } from './namespace-controller.ts';
import { taintNodes } from './node-taints.ts';
import { aggregateRoles } from './role-aggregation.ts';

export interface ControllerOptions {
  readonly rootCertificate: string;
  readonly roles: BootstrapRoles | undefined;
  /** The schema of ObjectMeta. */
  readonly metadata: SchemaNode;
}

export function startControllers(parts: HandlerParts, options: ControllerOptions): void {
  const { rootCertificate, roles, metadata } = options;
  const collector = new GarbageCollector(parts);
  new DefinitionController({ ...parts, collector, metadata }).start();
  for (const resource of parts.registry.stored()) collector.watch(resource);
  fillNamespaces(parts, rootCertificate);
  new NamespaceController(parts).start();
  expireEvents(parts);
  taintNodes(parts);
  bootstrap(parts);
  if (roles !== undefined) seedRoles(parts, roles);
  aggregateRoles(parts.store);
}
