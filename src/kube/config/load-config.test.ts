import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { type LoadOptions, loadConfig } from './load-config.ts';

let folder: string;
let clock: ManualClock;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kcloud-config-'));
  clock = new ManualClock();
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

/** A kubeconfig with one cluster, and one user with these lines. */
function kubeconfig(userLines: string, clusterLines = ''): string {
  return file(
    'config',
    `current-context: main
clusters: [{name: c, cluster: {server: 'https://c:6443'${clusterLines}}}]
contexts: [{name: main, context: {cluster: c, user: u, namespace: team}}]
users:
# who we are
- name: u
  user: ${userLines}
`,
  );
}

function load(options: Partial<LoadOptions> = {}) {
  return loadConfig({ clock, environment: {}, home: folder, interactive: false, ...options });
}

async function headers(options: Partial<LoadOptions>) {
  return (await (await load(options)).credentials.current()).headers;
}

describe('which cluster is chosen', () => {
  const simple = (server: string) =>
    `{current-context: x, clusters: [{name: c, cluster: {server: '${server}'}}], contexts: [{name: x, context: {cluster: c}}]}`;

  it('is the one of --kubeconfig, KUBECONFIG, the pod, the home folder, in this order', async () => {
    const named = file('named', simple('https://named'));
    const listed = file('listed', simple('https://listed'));
    mkdirSync(join(folder, '.kube'));
    file('.kube/config', simple('https://home'));
    const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
    file('token', 'secret\n');
    file('namespace', 'pod-ns');
    const serviceAccountFolder = folder;
    const all = { ...pod, KUBECONFIG: listed };
    expect((await load({ kubeconfig: named, environment: all, serviceAccountFolder })).server).toBe(
      'https://named',
    );
    expect((await load({ environment: all, serviceAccountFolder })).server).toBe('https://listed');
    const inPod = await load({ environment: pod, serviceAccountFolder });
    expect([inPod.server, inPod.namespace]).toEqual(['https://10.0.0.1:443', 'pod-ns']);
    const atHome = await load();
    expect([atHome.server, atHome.origin]).toEqual(['https://home', `context x of ${folder}/.kube/config`]);
  });

  it('is that of --context, and --namespace goes before what the context says', async () => {
    const both = file(
      'both',
      `{current-context: a, clusters: [{name: a, cluster: {server: 'https://a'}}, {name: b, cluster: {server: 'https://b'}}],
        contexts: [{name: a, context: {cluster: a}}, {name: b, context: {cluster: b, namespace: n}}]}`,
    );
    expect(await load({ kubeconfig: both, context: 'b' })).toMatchObject({
      server: 'https://b',
      namespace: 'n',
    });
    expect((await load({ kubeconfig: both, context: 'b', namespace: 'mine' })).namespace).toBe('mine');
    expect((await load({ kubeconfig: both })).namespace).toBe('default');
  });

  it('merges several files: the first to name a thing decides, missing files do not matter', async () => {
    const first = file(
      'first',
      `{clusters: [{name: c, cluster: {server: 'https://first', certificate-authority: ca.pem}}]}`,
    );
    mkdirSync(join(folder, 'sub'));
    file('ca.pem', 'FIRST');
    const second = file(
      'sub/second',
      `{current-context: x, clusters: [{name: c, cluster: {server: 'https://second'}}], contexts: [{name: x, context: {cluster: c, user: u}}], users: [{name: u, user: {tokenFile: t}}]}`,
    );
    file('sub/t', 'from-sub\n');
    const config = await load({
      environment: { KUBECONFIG: [first, join(folder, 'none'), second].join(':') },
    });
    expect([config.server, config.tls().ca]).toEqual(['https://first', 'FIRST']);
    expect((await config.credentials.current()).headers).toEqual({ authorization: 'Bearer from-sub' });
  });

  it.each([
    ['a file that does not exist', { kubeconfig: '/nowhere/config' }, /there is no kubeconfig at \/nowhere/],
    ['no configuration at all', {}, /name one with --kubeconfig or KUBECONFIG/],
    ['an unknown context', { context: 'other' }, /no context "other"; the kubeconfig has x/],
  ])('says what is wrong with %s', async (_name, options, message) => {
    if ('context' in options) {
      mkdirSync(join(folder, '.kube'));
      file('.kube/config', simple('https://home'));
    }
    await expect(load(options)).rejects.toThrow(message);
  });

  it.each([
    ['text that is not YAML', 'a: [', /not YAML/],
    ['a list', '[1]', /must be an object/],
    [
      'a context without its cluster',
      '{current-context: x, contexts: [{name: x, context: {cluster: c}}]}',
      /no cluster "c"/,
    ],
    [
      'a cluster without an address',
      '{current-context: x, clusters: [{name: c}], contexts: [{name: x, context: {cluster: c}}]}',
      /clusters\[0\]\.cluster\.server: is missing/,
    ],
    ['a number for a text', '{current-context: 7}', /current-context: must be a text/],
  ])('names the file and the field of %s', async (_name, content, message) => {
    const broken = load({ kubeconfig: file('broken', content) });
    await expect(broken).rejects.toThrow(message);
    await expect(broken).rejects.toMatchObject({ code: 'KC_KUBECONFIG_INVALID' });
  });

  it('reads how TLS is to be made, and the proxy', async () => {
    const path = kubeconfig(
      '{}',
      `, tls-server-name: real, certificate-authority-data: ${btoa('PEM')}, proxy-url: 'http://p:1'`,
    );
    const config = await load({ kubeconfig: path });
    expect([config.tls(), config.proxyUrl]).toEqual([{ ca: 'PEM', serverName: 'real' }, 'http://p:1']);
    const socks = kubeconfig('{}', `, proxy-url: 'socks5://p:1'`);
    await expect(load({ kubeconfig: socks })).rejects.toThrow(/not an http\(s\) proxy/);
    const torn = kubeconfig(
      '{}',
      `, insecure-skip-tls-verify: true, certificate-authority-data: ${btoa('PEM')}`,
    );
    await expect(load({ kubeconfig: torn })).rejects.toThrow(/exclude each other/);
  });
});

describe('who we are', () => {
  it('comes from a token, and from whom we want to be', async () => {
    const path = kubeconfig(
      '{token: t, as: bob, as-groups: [x, y], as-uid: "7", as-user-extra: {Reason: [z]}}',
    );
    expect(await headers({ kubeconfig: path })).toEqual({
      authorization: 'Bearer t',
      'impersonate-user': 'bob',
      'impersonate-uid': '7',
      'impersonate-group': ['x', 'y'],
      'impersonate-extra-reason': ['z'],
    });
  });

  it('comes from a client certificate, as data or as files', async () => {
    file('k.pem', 'KEY');
    const path = kubeconfig(`{client-certificate-data: ${btoa('CERT')}, client-key: k.pem}`);
    const credential = await (await load({ kubeconfig: path })).credentials.current();
    expect(credential.certificate).toEqual({ cert: 'CERT', key: 'KEY' });
    const half = kubeconfig(`{client-certificate-data: ${btoa('CERT')}}`);
    await expect(load({ kubeconfig: half })).rejects.toThrow(/must be given together/);
  });

  it('is refused where it is a password, a dead provider or an old plugin', async () => {
    const refused = async (user: string) => load({ kubeconfig: kubeconfig(user) });
    await expect(refused('{username: u, password: p}')).rejects.toThrow(
      /use a token, a client certificate or an exec/,
    );
    await expect(refused('{auth-provider: {name: gcp, config: {}}}')).rejects.toThrow(
      /"gcp" is not supported/,
    );
    await expect(
      refused('{exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}}'),
    ).rejects.toThrow(/v1alpha1" is not supported/);
    await expect(refused('{as-groups: [x]}')).rejects.toThrow(/need "as"/);
  });

  it('follows a token file that is renewed, and bridges the moment in which it is missing', async () => {
    const token = file('t', 'one\n');
    const { credentials } = await load({ kubeconfig: kubeconfig('{tokenFile: t}') });
    const now = async () => (await credentials.current()).headers['authorization'];
    expect(await now()).toBe('Bearer one');
    writeFileSync(token, 'two\n');
    expect(await now()).toBe('Bearer one');
    await clock.advance(60_000);
    expect(await now()).toBe('Bearer two');
    expect(await credentials.refresh()).toBe(false);
    writeFileSync(token, 'three\n');
    expect(await credentials.refresh()).toBe(true);
    rmSync(token);
    await clock.advance(60_000);
    expect(await now()).toBe('Bearer three');
  });

  it('in a pod follows the rotation of the token and of the authority', async () => {
    file('token', 'one');
    file('ca.crt', 'CA1');
    const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const config = await load({ environment, serviceAccountFolder: folder });
    expect(config.server).toBe('https://[fd00::1]:443');
    const before = config.tls();
    expect(before).toEqual({ ca: 'CA1' });
    file('ca.crt', 'CA2');
    expect(config.tls()).toBe(before);
    await clock.advance(60_000);
    expect(config.tls()).toEqual({ ca: 'CA2' });
  });
});

describe('an exec plugin', () => {
  const plugin = (status: string, extra = '') => {
    file(
      'plugin.sh',
      `#!/bin/sh\necho run >> ${folder}/runs\necho "$KUBERNETES_EXEC_INFO" > ${folder}/info\nprintf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":${status}}'\n`,
      0o700,
    );
    return kubeconfig(
      `{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin.sh, args: [a], env: [{name: X, value: y}], interactiveMode: IfAvailable${extra}}}`,
    );
  };
  const runs = () => readFileSync(join(folder, 'runs'), 'utf8').trim().split('\n').length;

  it('is run once for many calls, and again when its credential ends or is refused', async () => {
    const ends = new Date(clock.now() + 600_000).toISOString();
    const { credentials } = await load({
      kubeconfig: plugin(`{"token":"t","expirationTimestamp":"${ends}"}`),
    });
    const all = await Promise.all([credentials.current(), credentials.current(), credentials.current()]);
    expect(all.map((each) => each.headers['authorization'])).toEqual(['Bearer t', 'Bearer t', 'Bearer t']);
    expect(runs()).toBe(1);
    await clock.advance(500_000);
    await credentials.current();
    expect(runs()).toBe(1);
    await clock.advance(80_000);
    await credentials.current();
    expect(runs()).toBe(2);
    expect(await credentials.refresh()).toBe(true);
    await credentials.current();
    expect(runs()).toBe(3);
  });

  it('may give a client certificate, and is told of the cluster where it asks', async () => {
    const path = plugin('{"clientCertificateData":"C","clientKeyData":"K"}', ', provideClusterInfo: true');
    const { credentials } = await load({ kubeconfig: path });
    expect(await credentials.current()).toEqual({ headers: {}, certificate: { cert: 'C', key: 'K' } });
    expect(JSON.parse(readFileSync(join(folder, 'info'), 'utf8'))).toEqual({
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1',
      spec: { interactive: false, cluster: { server: 'https://c:6443' } },
    });
  });

  it.each([
    ['prints no credential', '', /neither a token nor/],
    [
      'does not exist',
      `{exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, installHint: 'install it'}}`,
      /cannot be run: .*install it/,
    ],
    [
      'fails',
      `{exec: {apiVersion: client.authentication.k8s.io/v1, command: 'false'}}`,
      /ended with exit code 1/,
    ],
    [
      'prints something else',
      `{exec: {apiVersion: client.authentication.k8s.io/v1, command: echo, args: [hello]}}`,
      /did not print JSON/,
    ],
    [
      'speaks another version',
      `{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: echo, args: ['{"kind":"ExecCredential","apiVersion":"x"}']}}`,
      /did not print an ExecCredential of/,
    ],
  ])('says so when it %s', async (_name, user, message) => {
    const path = user === '' ? plugin('{}') : kubeconfig(user);
    const { credentials } = await load({ kubeconfig: path });
    await expect(credentials.current()).rejects.toThrow(message);
  });
});

describe('the oidc auth provider', () => {
  const token = (expiresMs: number) =>
    `x.${Buffer.from(JSON.stringify({ exp: expiresMs / 1000 })).toString('base64url')}.y`;

  it('renews an expired ID token and writes the new tokens back, leaving the rest of the file alone', async () => {
    const fresh = token(clock.now() + 3_600_000);
    const forms: string[] = [];
    const issuer = createServer((request, response) => {
      const base = `http://127.0.0.1:${String((issuer.address() as AddressInfo).port)}`;
      if (request.url === '/.well-known/openid-configuration') {
        response.end(JSON.stringify({ token_endpoint: `${base}/token` }));
        return;
      }
      request.on('data', (part: Buffer) => forms.push(part.toString()));
      request.on('end', () => response.end(JSON.stringify({ id_token: fresh, refresh_token: 'r2' })));
    });
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${String((issuer.address() as AddressInfo).port)}`;
    const old = token(clock.now() - 1000);
    const config = `{idp-issuer-url: '${url}', client-id: id, client-secret: s, id-token: ${old}, refresh-token: r1}`;
    const path = kubeconfig(`{auth-provider: {name: oidc, config: ${config}}}`);
    // Real time: the HTTP call must be able to time out.
    const { credentials } = await loadConfig({ clock, environment: {}, kubeconfig: path });
    const both = await Promise.all([credentials.current(), credentials.current()]);
    expect(both[1].headers['authorization']).toBe(`Bearer ${fresh}`);
    expect(forms).toEqual(['grant_type=refresh_token&refresh_token=r1&client_id=id&client_secret=s']);
    const written = readFileSync(path, 'utf8');
    expect(written).toContain('refresh-token: r2');
    expect(written).toContain(fresh);
    expect(written).toContain('# who we are');
    expect(written).not.toContain('r1');
    issuer.close().closeAllConnections();
  });

  it('uses an ID token that is still good, and says what to do when there is no way to renew one', async () => {
    const good = token(clock.now() + 60_000);
    const provider = (idToken: string) =>
      kubeconfig(
        `{auth-provider: {name: oidc, config: {idp-issuer-url: 'http://127.0.0.1:1', client-id: id, id-token: ${idToken}}}}`,
      );
    expect(await headers({ kubeconfig: provider(good) })).toEqual({ authorization: `Bearer ${good}` });
    await expect(headers({ kubeconfig: provider(token(0)) })).rejects.toThrow(
      /no refresh token; log in again/,
    );
  });
});
