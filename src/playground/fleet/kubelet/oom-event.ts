/** What the kernel's log says of an out-of-memory kill, as node-problem-detector reports it on the Node. */
import { NODES } from '#kube/client/builtin-types.ts';
import { nameOf, namespaceOf } from '../meta.ts';
import type { ContainerPlace } from './kubelet-services.ts';

export function emitOomKill({ services, pod, container }: ContainerPlace): void {
  const victim = pod();
  const node = services.context.access.get(NODES, { name: victim.spec?.nodeName ?? '' });
  if (node === undefined) return;
  services.context.events.emit(node, {
    type: 'Warning',
    reason: 'OOMKilling',
    message: `Memory cgroup out of memory: Killed process of container ${container.name} in pod ${namespaceOf(victim)}/${nameOf(victim)}`,
    component: 'kernel-monitor',
    host: nameOf(node),
  });
}
