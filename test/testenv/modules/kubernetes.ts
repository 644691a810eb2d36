/** The control plane that tests run: which binaries, from which modules. */
import { join } from 'node:path';
import type { GoTools } from '../go-tools/go-tools.ts';

/** Without these the API server calls itself v0.0.0 and clients refuse to speak to it. */
function versionFlags(version: string): string {
  const [major = '', minor = ''] = version.slice(1).split('.');
  const base = 'k8s.io/component-base/version';
  return [
    `-X ${base}.gitVersion=${version}`,
    `-X ${base}.gitMajor=${major}`,
    `-X ${base}.gitMinor=${minor}`,
    `-X k8s.io/client-go/pkg/version.gitVersion=${version}`,
  ].join(' ');
}

const command = (name: string): string => `k8s.io/kubernetes/cmd/${name}`;

export const KUBERNETES: GoTools = {
  name: 'kubernetes',
  module: 'k8s.io/kubernetes',
  moduleDirectory: join(import.meta.dirname, 'kubernetes'),
  binaries: {
    'kube-apiserver': command('kube-apiserver'),
    'kube-controller-manager': command('kube-controller-manager'),
    'kube-scheduler': command('kube-scheduler'),
    kubectl: command('kubectl'),
  },
  tags: 'netgo osusergo providerless',
  ldflags: versionFlags,
};

export const ETCD: GoTools = {
  name: 'etcd',
  module: 'go.etcd.io/etcd/server/v3',
  moduleDirectory: join(import.meta.dirname, 'etcd'),
  binaries: { etcd: 'go.etcd.io/etcd/server/v3' },
};
