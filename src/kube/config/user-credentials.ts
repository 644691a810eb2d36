/** What a kubeconfig's user entry says about who we are. */
import { isAbsolute } from 'node:path';
import { KcError } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import type { Credential, Credentials } from '../transport/credentials.ts';
import { type ExecPlugin, ExecCredentials } from './exec-credentials.ts';
import type { Fields } from './fields.ts';
import { type Entry, pathOf, pemOf } from './kubeconfig-file.ts';
import { OidcCredentials } from './oidc-credentials.ts';
import { TokenFile } from './token-file.ts';

const EXEC_VERSIONS: ReadonlySet<string> = new Set([
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
]);

export interface UserContext {
  readonly clock: Clock;
  /** The cluster as an exec plugin is told of it. */
  readonly cluster: Readonly<Record<string, unknown>>;
  /** Whether somebody sits at the terminal. */
  readonly interactive: boolean;
}

/** The credentials of a user. Throws KC_KUBECONFIG_INVALID for ways that are not supported. */
export function userCredentials(user: Entry, context: UserContext): Credentials {
  refuseBasicAuth(user);
  const source = tokenSource(user, context);
  const cert = pemOf(user, 'client-certificate');
  const key = pemOf(user, 'client-key');
  if ((cert === undefined) !== (key === undefined)) {
    throw invalid(user.fields.place, 'a client certificate and its key must be given together');
  }
  const certificate = cert === undefined || key === undefined ? {} : { certificate: { cert, key } };
  const impersonation = impersonationHeaders(user.fields);
  return {
    refresh: () => source.refresh(),
    current: async (): Promise<Credential> => {
      const { headers, ...own } = await source.current();
      return { ...certificate, ...own, headers: { ...headers, ...impersonation } };
    },
  };
}

/** As client-go: a token file goes before a token, a token before a plugin, a plugin before an auth provider. */
function tokenSource(user: Entry, context: UserContext): Credentials {
  const { fields } = user;
  const token = fields.text('token');
  const tokenFile = fields.text('tokenFile');
  const exec = fields.child('exec');
  const provider = fields.child('auth-provider');
  if (tokenFile !== undefined) return new TokenFile(pathOf(user, tokenFile), context.clock);
  if (token !== undefined) return fixed({ authorization: `Bearer ${token}` });
  if (exec !== undefined) return new ExecCredentials(execPlugin(exec, user, context), context.clock);
  if (provider !== undefined) return authProvider(provider, user, context.clock);
  return fixed({});
}

function fixed(headers: Readonly<Record<string, string>>): Credentials {
  return { current: () => Promise.resolve({ headers }), refresh: () => Promise.resolve(false) };
}

function refuseBasicAuth(user: Entry): void {
  if (user.fields.text('username') === undefined && user.fields.text('password') === undefined) return;
  throw new KcError('KC_KUBECONFIG_INVALID', {
    field: user.fields.place,
    problem: 'a user name and password are given, which no API server has accepted since Kubernetes 1.19',
    fix: 'use a token, a client certificate or an exec plugin',
  });
}

function execPlugin(exec: Fields, user: Entry, context: UserContext): ExecPlugin {
  const apiVersion = exec.requiredText('apiVersion');
  if (!EXEC_VERSIONS.has(apiVersion)) {
    throw invalid(`${exec.place}.apiVersion`, `"${apiVersion}" is not supported (only v1 and v1beta1 are)`);
  }
  const command = exec.requiredText('command');
  const isRelative = command.includes('/') && !isAbsolute(command);
  const env = exec.list('env').map((item) => [item.requiredText('name'), item.text('value') ?? ''] as const);
  const installHint = exec.text('installHint');
  return {
    command: isRelative ? pathOf(user, command) : command,
    args: exec.texts('args'),
    env: Object.fromEntries(env),
    apiVersion,
    interactive: mayAsk(exec, context.interactive),
    ...(exec.flag('provideClusterInfo') ? { cluster: context.cluster } : {}),
    ...(installHint === undefined ? {} : { installHint }),
  };
}

function mayAsk(exec: Fields, interactive: boolean): boolean {
  const mode = exec.text('interactiveMode') ?? 'IfAvailable';
  if (mode === 'Always' && !interactive)
    throw invalid(exec.place, 'the plugin needs a terminal, and there is none');
  return mode !== 'Never' && interactive;
}

function authProvider(provider: Fields, user: Entry, clock: Clock): Credentials {
  const name = provider.requiredText('name');
  const config = provider.child('config');
  if (name !== 'oidc' || config === undefined) {
    throw new KcError('KC_KUBECONFIG_INVALID', {
      field: provider.place,
      problem: `the auth provider "${name}" is not supported`,
      fix: 'use an exec plugin: kubectl has dropped all providers but oidc',
    });
  }
  const clientSecret = config.text('client-secret');
  const idToken = config.text('id-token');
  const refreshToken = config.text('refresh-token');
  const ca = pemOf({ ...user, fields: config }, 'idp-certificate-authority');
  return new OidcCredentials(
    {
      issuerUrl: config.requiredText('idp-issuer-url'),
      clientId: config.requiredText('client-id'),
      save: async (tokens) => {
        const { saveTokens } = await import('./save-tokens.ts');
        saveTokens(user.file, user.name, tokens);
      },
      ...(clientSecret === undefined ? {} : { clientSecret }),
      ...(idToken === undefined ? {} : { idToken }),
      ...(refreshToken === undefined ? {} : { refreshToken }),
      ...(ca === undefined ? {} : { ca }),
    },
    clock,
  );
}

/** Headers that ask the server to treat us as somebody else. */
function impersonationHeaders(fields: Fields): Record<string, string | readonly string[]> {
  const user = fields.text('as');
  const uid = fields.text('as-uid');
  const groups = fields.texts('as-groups');
  const extra = fields.child('as-user-extra');
  const extras = (extra?.names() ?? []).map((name) => [
    `impersonate-extra-${encodeURIComponent(name.toLowerCase())}`,
    extra?.texts(name) ?? [],
  ]);
  if (user === undefined && (uid !== undefined || groups.length > 0 || extras.length > 0)) {
    throw invalid(fields.place, 'as-uid, as-groups and as-user-extra need "as"');
  }
  return {
    ...(user === undefined ? {} : { 'impersonate-user': user }),
    ...(uid === undefined ? {} : { 'impersonate-uid': uid }),
    ...(groups.length === 0 ? {} : { 'impersonate-group': groups }),
    ...(Object.fromEntries(extras) as Record<string, readonly string[]>),
  };
}

function invalid(field: string, problem: string): KcError {
  return new KcError('KC_KUBECONFIG_INVALID', { field, problem });
}
