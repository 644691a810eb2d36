/** What every Deployment of KCloud has in common: restricted pods with a read-only root and probes over HTTP. */
import type { Deployment } from '#apis/kubernetes/builtin.ts';

export type PodSpec = NonNullable<NonNullable<Deployment['spec']>['template']['spec']>;
export type Container = PodSpec['containers'][number];
export type Environment = NonNullable<Container['env']>;

export interface PodOptions {
  readonly serviceAccountName: string;
  readonly container: Container;
  readonly volumes: NonNullable<PodSpec['volumes']>;
}

/** Passes the restricted level of pod security; `/tmp` is all that can be written besides its volumes. */
export function restrictedPod({ serviceAccountName, container, volumes }: PodOptions): PodSpec {
  return {
    serviceAccountName,
    securityContext: { runAsNonRoot: true, fsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ ...container, securityContext: RESTRICTED }],
    volumes: [...volumes, { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }],
  };
}

const RESTRICTED: NonNullable<Container['securityContext']> = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 65532,
  capabilities: { drop: ['ALL'] },
};

export interface ProbeOptions {
  /** The name of the container's port. */
  readonly port: string;
  readonly periodSeconds: number;
}

export function httpProbe(
  path: string,
  { port, periodSeconds }: ProbeOptions,
): NonNullable<Container['livenessProbe']> {
  return { httpGet: { path, port }, periodSeconds, timeoutSeconds: 3 };
}

/** The namespace that the pod runs in. */
export const OWN_NAMESPACE: Environment[number] = {
  name: 'POD_NAMESPACE',
  valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } },
};
