import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { CONFIG_MAPS, DEPLOYMENTS, LEASES, NAMESPACES, PODS } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { FakeApiServer, success } from '#kube/testing/fake-api-server.ts';
import { type Permission, READ, type Verb, allow } from './permission.ts';
import { RecordingTransport, undeclared, unused } from './permission-check.ts';
import { rbacManifests, rulesOf } from './rbac-manifests.ts';

describe('rules', () => {
  it('join what belongs together and say nothing twice', () => {
    const rules = rulesOf([
      allow(PODS, READ),
      allow(PODS, ['get', 'delete']),
      allow(CONFIG_MAPS, ['delete', 'get', 'list', 'watch']),
      allow(PODS, ['create'], { subresource: 'eviction' }),
      allow(DEPLOYMENTS, ['patch'], { names: ['web'] }),
      allow(DEPLOYMENTS, ['get'], { names: ['web'] }),
      allow(LEASES, ['get'], { names: ['one'] }),
      allow(LEASES, ['get']),
    ]);
    expect(rules).toEqual([
      { apiGroups: [''], resources: ['configmaps', 'pods'], verbs: ['get', 'list', 'watch', 'delete'] },
      { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
      { apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['web'], verbs: ['get', 'patch'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get'] },
    ]);
  });

  const everyRight = ['', 'apps'].flatMap((group) =>
    ['a', 'b', 'c'].flatMap((resource) =>
      (['get', 'list', 'create', 'patch', 'delete'] as const).flatMap((verb) =>
        ['x', 'y', 'z'].map((name) => ({ group, resource, verb, name })),
      ),
    ),
  );

  it('grant exactly what was declared', () => {
    const verbs = fc.subarray<Verb>(['get', 'list', 'create', 'patch'], { minLength: 1 });
    const permission: fc.Arbitrary<Permission> = fc
      .tuple(
        fc.constantFrom('', 'apps'),
        fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
        verbs,
        fc.option(fc.subarray(['x', 'y'], { minLength: 1 }), { nil: undefined }),
      )
      .map(([group, resources, allowed, names]) => ({
        group,
        resources,
        verbs: allowed,
        ...(names === undefined ? {} : { names }),
      }));
    fc.assert(
      fc.property(fc.array(permission, { maxLength: 6 }), (permissions) => {
        const rules = rulesOf(permissions);
        for (const { group, resource, verb, name } of everyRight) {
          const declared = permissions.some(
            (p) =>
              p.group === group &&
              p.resources.includes(resource) &&
              p.verbs.includes(verb) &&
              (p.names?.includes(name) ?? true),
          );
          const granted = rules.some(
            (r) =>
              r.apiGroups?.includes(group) === true &&
              r.resources?.includes(resource) === true &&
              r.verbs.includes(verb) &&
              (r.resourceNames?.includes(name) ?? true),
          );
          expect(granted).toBe(declared);
        }
      }),
    );
  });

  it('are split into what is needed everywhere and what at home', () => {
    const { role, clusterRole, roleBinding, serviceAccount } = rbacManifests(
      [allow(PODS, READ), allow(LEASES, ['get'], { ownNamespace: true })],
      { name: 'kcloud', namespace: 'sys' },
    );
    expect([clusterRole.rules?.[0]?.resources, role.rules?.[0]?.resources]).toEqual([['pods'], ['leases']]);
    expect(role.metadata).toEqual({ name: 'kcloud', namespace: 'sys' });
    expect(roleBinding.subjects).toEqual([{ kind: 'ServiceAccount', name: 'kcloud', namespace: 'sys' }]);
    expect(serviceAccount.metadata?.name).toBe('kcloud');
  });
});

describe('the check of permissions', () => {
  let recording: RecordingTransport;
  let client: KubeClient;

  beforeEach(() => {
    const server = new FakeApiServer();
    server.intercept = () => success({ metadata: {}, items: [] });
    recording = new RecordingTransport(server);
    client = new KubeClient(recording);
  });

  it('sees each call as the authorizer does', async () => {
    const key = { namespace: 'shop', name: 'web' };
    await client.get(PODS, key);
    await client.list(PODS);
    await client.watch(PODS, {});
    await client.evict(key);
    await client.patch(DEPLOYMENTS, key, { patch: 'merge', body: {}, subresource: 'status' });
    await client.get(NAMESPACES, { name: 'shop' });
    await client.list(NAMESPACES);
    await client.delete(DEPLOYMENTS, key);
    await client.raw('/version');
    expect(
      recording.used.map(
        ({ verb, group, resource, namespace = '-', name = '-' }) =>
          `${verb} ${group}/${resource} ${namespace} ${name}`,
      ),
    ).toEqual([
      'get /pods shop web',
      'list /pods - -',
      'watch /pods - -',
      'create /pods/eviction shop web',
      'patch apps/deployments/status shop web',
      'get /namespaces - shop',
      'list /namespaces - -',
      'delete apps/deployments shop web',
    ]);
  });

  it('finds what was used and not declared, and what was declared and not used', async () => {
    await client.get(PODS, { namespace: 'shop', name: 'web' });
    await client.get(LEASES, { namespace: 'sys', name: 'lead' });
    await client.get(LEASES, { namespace: 'shop', name: 'lead' });
    await client.get(CONFIG_MAPS, { namespace: 'shop', name: 'other' });
    const permissions = [
      allow(PODS, ['get', 'delete']),
      allow(LEASES, ['get'], { ownNamespace: true }),
      allow(CONFIG_MAPS, ['get'], { names: ['mine'] }),
    ];
    expect(
      undeclared(recording.used, permissions, 'sys').map(({ resource, namespace, name }) => [
        resource,
        namespace,
        name,
      ]),
    ).toEqual([
      ['leases', 'shop', 'lead'],
      ['configmaps', 'shop', 'other'],
    ]);
    expect(unused(recording.used, permissions, 'sys')).toEqual(['delete pods', 'get configmaps']);
  });
});
