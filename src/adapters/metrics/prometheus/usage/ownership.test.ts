import { describe, expect, it } from 'vitest';
import type { WorkloadKind, WorkloadRef } from '#domain/workload/workload-ref.ts';
import { Ownership, type ReplicaSetOwner } from './ownership.ts';
import { podBase, splitReplicaSet } from './pod-names.ts';

function ref(kind: WorkloadKind, name: string): WorkloadRef {
  return { kind, namespace: 'shop', name };
}

function owner(replicaSet: string, ownerKind: string, ownerName: string): ReplicaSetOwner {
  return { namespace: 'shop', replicaSet, ownerKind, ownerName };
}

function namesOf(ownership: Ownership, pods: readonly string[]): (string | undefined)[] {
  return pods.map((pod) => {
    const workload = ownership.workloadOfPod('shop', pod);
    return workload === undefined ? undefined : `${workload.kind} ${workload.name}`;
  });
}

describe('the base of a pod name', () => {
  it('is the ReplicaSet, DaemonSet or StatefulSet', () => {
    expect(podBase('web-5d69f8f4b7-x7k2p')).toEqual({ base: 'web-5d69f8f4b7', ordinal: false });
    expect(podBase('agent-x7k2p')).toEqual({ base: 'agent', ordinal: false });
    expect(podBase('db-12')).toEqual({ base: 'db', ordinal: true });
    expect(podBase('agent-24567')).toEqual({ base: 'agent', ordinal: true });
    expect(podBase('kube-proxy')).toBeUndefined();
    expect(podBase('etcd-master.internal')).toBeUndefined();
  });

  it('is the beginning of a name that was cut', () => {
    const name = 'a'.repeat(70);
    expect(podBase(`${name.slice(0, 58)}x7k2p`)).toEqual({ base: name.slice(0, 58), ordinal: false });
  });

  it('has a hash as Kubernetes writes them', () => {
    expect(splitReplicaSet('web-api-5d69f8f4b7')).toEqual({ deployment: 'web-api', hash: '5d69f8f4b7' });
    expect(splitReplicaSet('fluentd-v2')).toBeUndefined();
    expect(splitReplicaSet('backup-28391234')).toBeUndefined();
  });
});

describe('ownership by names alone', () => {
  const ownership = new Ownership(
    [
      ref('Deployment', 'web'),
      ref('DaemonSet', 'agent'),
      ref('StatefulSet', 'db'),
      ref('DaemonSet', 'web-b4c5d6'),
    ],
    [],
  );

  it('finds each kind', () => {
    const pods = ['web-5d69f8f4b7-x7k2p', 'agent-x7k2p', 'db-0', 'db-10', 'agent-24567'];
    expect(namesOf(ownership, pods)).toEqual([
      'Deployment web',
      'DaemonSet agent',
      'StatefulSet db',
      'StatefulSet db',
      'DaemonSet agent',
    ]);
  });

  it('takes pods of others for nobody’s: jobs, short suffixes, other workloads', () => {
    const pods = [
      'web-28391234-x7k2p',
      'web-b4-x7k2p',
      'web-api-5d69f8f4b7-x7k2p',
      'web-0',
      'db',
      'other-x7k2p',
    ];
    expect(namesOf(ownership, pods)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('prefers a workload of that very name to a hash', () => {
    expect(namesOf(ownership, ['web-b4c5d6-x7k2p'])).toEqual(['DaemonSet web-b4c5d6']);
  });

  it('does not mix namespaces', () => {
    expect(ownership.workloadOfPod('other', 'db-0')).toBeUndefined();
  });

  it('finds names that were cut', () => {
    const [long, medium, dashed] = ['l'.repeat(80), 'm'.repeat(52), `${'d'.repeat(57)}-tail`];
    const edge = 'e'.repeat(57);
    const cut = new Ownership(
      [ref('Deployment', long), ref('Deployment', medium), ref('DaemonSet', dashed), ref('Deployment', edge)],
      [],
    );
    const pods = [
      `${long.slice(0, 58)}x7k2p`,
      `${`${medium}-5d69f8f4b7`.slice(0, 58)}x7k2p`,
      `${'d'.repeat(57)}-x7k2p`,
      `${edge}-x7k2p`,
    ];
    expect(namesOf(cut, pods)).toEqual([
      `Deployment ${long}`,
      `Deployment ${medium}`,
      `DaemonSet ${dashed}`,
      `Deployment ${edge}`,
    ]);
  });
});

describe('ownership with kube-state-metrics', () => {
  const ownership = new Ownership(
    [ref('Deployment', 'web'), ref('Deployment', 'renamed')],
    [
      owner('web-b4', 'Deployment', 'web'),
      owner('web-77b4c9d5f8', 'Rollout', 'web'),
      owner('adopted-set', 'Deployment', 'renamed'),
      owner('web-6d4b75cb6d', '<none>', '<none>'),
      owner('web-6d4b75cb6d', 'Deployment', 'web'),
    ],
  );

  it('takes its word for what names would say otherwise', () => {
    const pods = ['web-b4-x7k2p', 'web-77b4c9d5f8-x7k2p', 'adopted-set-x7k2p', 'web-6d4b75cb6d-x7k2p'];
    expect(namesOf(ownership, pods)).toEqual([
      'Deployment web',
      undefined,
      'Deployment renamed',
      'Deployment web',
    ]);
  });

  it('falls back to names for what it missed', () => {
    expect(namesOf(ownership, ['web-5d69f8f4b7-x7k2p'])).toEqual(['Deployment web']);
  });
});
