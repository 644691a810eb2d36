/** The part of the kubelets that keeps Node objects alive: registration, leases and heartbeats. */
import type { Lease, Node } from '#apis/kubernetes/builtin.ts';
import { isAlreadyExists, isNotFound } from '#kube/client/api-error.ts';
import { LEASES, NODES } from '#kube/client/builtin-types.ts';
import { rfc3339Micro } from '#platform/clock.ts';
import { TimerGroup } from '../../simulation/timer-group.ts';
import { type Component, type FleetContext, noteFailure } from '../fleet-context.ts';
import { uidOf } from '../meta.ts';
import { nodeObject, nodeStatus } from './node-object.ts';
import type { NodeShape } from './node-shape.ts';

export interface NodeAgentsOptions {
  readonly context: FleetContext;
  /**
   * How often leases are renewed. A real controller-manager declares a node dead after 40 s without; where nobody
   * looks at leases, undefined saves the work. Default: never.
   */
  readonly leaseRenewMs?: number;
  /** How often the status is reported where nothing changes; kubelets do it every 5 minutes. Default: never. */
  readonly heartbeatMs?: number;
  /** Called when a node is registered: pods that are bound to it already can be run. */
  readonly onJoin?: (shape: NodeShape) => void;
}

const LEASE_SECONDS = 40;
const LEASE_NAMESPACE = 'kube-node-lease';
const RETRY_MS = 1000;

interface Agent {
  readonly shape: NodeShape;
  readonly address: string;
  readonly timers: TimerGroup;
  readySinceMs: number;
}

export class NodeAgents implements Component {
  readonly #options: NodeAgentsOptions;
  readonly #agents = new Map<string, Agent>();
  #addresses = 0;

  constructor(options: NodeAgentsOptions) {
    this.#options = options;
  }

  /** Whether the node is one of ours and alive. */
  has(nodeName: string): boolean {
    return this.#agents.has(nodeName);
  }

  shapeOf(nodeName: string): NodeShape | undefined {
    return this.#agents.get(nodeName)?.shape;
  }

  shapes(): readonly NodeShape[] {
    return [...this.#agents.values()].map((agent) => agent.shape);
  }

  /** Registers nodes and keeps them alive. A Node that exists already is taken over. */
  async add(shapes: readonly NodeShape[]): Promise<void> {
    await Promise.all(shapes.map((shape) => this.#join(shape)));
  }

  /** The machine dies: nothing is heard of it any more. Its Node object stays. */
  fail(nodeName: string): void {
    this.#agents.get(nodeName)?.timers.cancelAll();
    this.#agents.delete(nodeName);
  }

  /** The machine is taken away in good order, and its Node object with it. */
  async remove(nodeName: string): Promise<void> {
    this.fail(nodeName);
    try {
      await this.#options.context.access.delete(NODES, { name: nodeName });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  stop(): void {
    for (const agent of this.#agents.values()) agent.timers.cancelAll();
    this.#agents.clear();
  }

  async #join(shape: NodeShape): Promise<void> {
    this.#addresses += 1;
    const { clock } = this.#options.context;
    const agent: Agent = {
      shape,
      address: `192.168.${this.#addresses >> 8}.${this.#addresses & 255}`,
      timers: new TimerGroup(clock),
      readySinceMs: clock.now(),
    };
    this.#agents.set(shape.name, agent);
    const node = await this.#register(agent);
    await this.#report(agent);
    await this.#holdLease(agent, node);
    this.#keepAlive(agent, node);
    this.#options.onJoin?.(shape);
    const say = (reason: string, message: string): void => {
      const event = { type: 'Normal', reason, message, component: 'kubelet', host: shape.name } as const;
      this.#options.context.events.emit(node, event);
    };
    say('Starting', 'Starting kubelet.');
    say('NodeReady', `Node ${shape.name} status is now: NodeReady`);
  }

  async #register({ shape }: Agent): Promise<Node> {
    const { access } = this.#options.context;
    const wanted = nodeObject(shape);
    try {
      return await access.create(NODES, wanted);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const body = { metadata: { labels: wanted.metadata?.labels } };
      return access.mergePatch(NODES, { name: shape.name }, { body });
    }
  }

  async #report({ shape, address, readySinceMs }: Agent): Promise<void> {
    const { access, clock } = this.#options.context;
    const status = nodeStatus(shape, { address, nowMs: clock.now(), readySinceMs });
    await access.mergePatch(NODES, { name: shape.name }, { body: { status }, subresource: 'status' });
  }

  /** Makes the lease where it does not exist. A server that has no place for it yet is tried again later. */
  async #holdLease({ shape }: Agent, node: Node): Promise<void> {
    const { access, clock } = this.#options.context;
    const lease: Lease = {
      metadata: {
        name: shape.name,
        namespace: LEASE_NAMESPACE,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: shape.name, uid: uidOf(node) }],
      },
      spec: {
        holderIdentity: shape.name,
        leaseDurationSeconds: LEASE_SECONDS,
        renewTime: rfc3339Micro(clock.now()),
      },
    };
    try {
      await access.create(LEASES, lease);
    } catch (error) {
      if (isAlreadyExists(error)) await this.#renew(shape.name);
      else if (!isNotFound(error)) throw error;
    }
  }

  #keepAlive(agent: Agent, node: Node): void {
    const { leaseRenewMs, heartbeatMs } = this.#options;
    if (leaseRenewMs !== undefined) this.#repeat(agent, leaseRenewMs, () => this.#keepLease(agent, node));
    if (heartbeatMs !== undefined) this.#repeat(agent, heartbeatMs, () => this.#report(agent));
  }

  /** Repeats with a little jitter, so that hundreds of nodes do not beat as one; failures are tried again soon. */
  #repeat(agent: Agent, everyMs: number, action: () => Promise<void>): void {
    const { context } = this.#options;
    const jittered = everyMs * (0.96 + 0.08 * context.random.next());
    const again = (ms: number): void => {
      agent.timers.after(ms, () => {
        action().then(
          () => { again(jittered); },
          (error: unknown) => {
            noteFailure(context, `keeping node ${agent.shape.name} alive`, error);
            again(Math.min(RETRY_MS, jittered));
          },
        ); // prettier-ignore
      });
    };
    again(jittered);
  }

  async #keepLease(agent: Agent, node: Node): Promise<void> {
    try {
      await this.#renew(agent.shape.name);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await this.#holdLease(agent, node);
    }
  }

  async #renew(nodeName: string): Promise<void> {
    const { access, clock } = this.#options.context;
    const body = { spec: { holderIdentity: nodeName, renewTime: rfc3339Micro(clock.now()) } };
    await access.mergePatch(LEASES, { namespace: LEASE_NAMESPACE, name: nodeName }, { body });
  }
}
