/** The command lines of the control plane's processes. */
import type { Layout } from './layout.ts';

/** Extra flags, which win over ours. */
export interface ExtraFlags {
  readonly apiServer?: readonly string[];
  readonly controllerManager?: readonly string[];
  readonly scheduler?: readonly string[];
}

/** Tests make hundreds of objects at once; the default of 20 requests per second would be what they measure. */
const CLIENT_RATE = ['--kube-api-qps=1000', '--kube-api-burst=2000'];

/** Unix sockets need no ports and no protection. What etcd advertises must be host and port, and nobody calls it. */
export function etcdSocket(layout: Layout): string {
  return `unix://${layout.file('etcd.sock')}`;
}

export function etcdFlags(layout: Layout): readonly string[] {
  return [
    `--data-dir=${layout.file('etcd')}`,
    `--listen-client-urls=${etcdSocket(layout)}`,
    '--advertise-client-urls=http://localhost:2379',
    `--listen-peer-urls=unix://${layout.file('peer.sock')}`,
    '--initial-advertise-peer-urls=http://localhost:2380',
    '--initial-cluster=default=http://localhost:2380',
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

/**
 * RBAC and the front proxy as in a real cluster. An APIService may lead to localhost through an ExternalName
 * service, which works only without --enable-aggregator-routing.
 */
export function apiServerFlags(layout: Layout, port: number): readonly string[] {
  return [
    `--etcd-servers=${etcdSocket(layout)}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${String(port)}`,
    `--tls-cert-file=${layout.file('loopbackServer.crt')}`,
    `--tls-private-key-file=${layout.file('loopbackServer.key')}`,
    `--client-ca-file=${layout.file('authority.crt')}`,
    `--service-account-key-file=${layout.file('serviceAccounts.pub')}`,
    `--service-account-signing-key-file=${layout.file('serviceAccounts.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    '--endpoint-reconciler-type=none',
    '--profiling=false',
    `--requestheader-client-ca-file=${layout.file('frontProxyAuthority.crt')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${layout.file('frontProxyClient.crt')}`,
    `--proxy-client-key-file=${layout.file('frontProxyClient.key')}`,
  ];
}

/** `controllers` as kube-controller-manager knows them; `*` is the default set. */
export function controllerManagerFlags(layout: Layout, controllers: readonly string[]): readonly string[] {
  return [
    `--kubeconfig=${layout.kubeconfig('controllerManager')}`,
    `--controllers=${controllers.join(',')}`,
    `--service-account-private-key-file=${layout.file('serviceAccounts.key')}`,
    `--root-ca-file=${layout.file('authority.crt')}`,
    '--use-service-account-credentials',
    '--leader-elect=false',
    '--secure-port=0',
    ...CLIENT_RATE,
  ];
}

export function schedulerFlags(layout: Layout): readonly string[] {
  return [
    `--kubeconfig=${layout.kubeconfig('scheduler')}`,
    '--leader-elect=false',
    '--secure-port=0',
    ...CLIENT_RATE,
  ];
}
