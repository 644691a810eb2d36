/** The keys that seal rollback state: a Secret beside the operator, made on the first start. */
import type { Secret } from '#apis/kubernetes/builtin.ts';
import { type ObjectKey, keyOf, keyText } from '#apis/kubernetes/object.ts';
import { KcError } from '#errors/kc-error.ts';
import { isAlreadyExists, isNotFound } from '#kube/client/api-error.ts';
import { SECRETS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { Random } from '#platform/random.ts';
import type { KeyRing } from './sealer.ts';

const KEY_BYTES = 32;
const CURRENT = 'current';

/** Reads the key ring, or makes it where it does not exist. Two that start at once agree on one ring. */
export async function ensureKeyRing(client: KubeClient, secret: ObjectKey, random: Random): Promise<KeyRing> {
  const found = await client.find(SECRETS, secret);
  if (found !== undefined) return readKeyRing(found);
  try {
    return readKeyRing(await client.create(SECRETS, newSecret(secret, random)));
  } catch (error) {
    if (isNotFound(error)) throw noNamespace(secret, error);
    if (!isAlreadyExists(error)) throw error;
    return readKeyRing(await client.get(SECRETS, secret));
  }
}

function noNamespace(secret: ObjectKey, cause: unknown): KcError {
  const namespace = secret.namespace ?? '';
  return new KcError('KC_CONFIG_INVALID', {
    object: `namespace ${namespace}`,
    problem: 'does not exist, and the operator keeps its keys, lease and certificates there',
    fix: `create it (kubectl create namespace ${namespace}) or name another with --operator-namespace`,
    cause,
  });
}

function newSecret(key: ObjectKey, random: Random): Secret {
  const id = Buffer.from(random.bytes(6)).toString('hex');
  const metadata = {
    name: key.name,
    ...(key.namespace === undefined ? {} : { namespace: key.namespace }),
    labels: { 'app.kubernetes.io/part-of': 'kcloud' },
    annotations: {
      'kcloud.io/purpose':
        'Opens the stored originals of optimized workloads. Without it nothing can be rolled back.',
    },
  };
  const data = {
    [CURRENT]: Buffer.from(id).toString('base64'),
    [id]: Buffer.from(random.bytes(KEY_BYTES)).toString('base64'),
  };
  return { metadata, type: 'Opaque', data };
}

/** Throws KC_ROLLBACK_STATE_UNREADABLE where the Secret holds no ring. */
export function readKeyRing(secret: Secret): KeyRing {
  const { [CURRENT]: name = '', ...encoded } = secret.data ?? {};
  const current = Buffer.from(name, 'base64').toString('utf8');
  const keys = Object.fromEntries(
    Object.entries(encoded).map(([id, value]) => [id, Buffer.from(value, 'base64')] as const),
  );
  if (!(current in keys)) throw badRing(secret, CURRENT, 'does not name a key of this Secret');
  for (const [id, key] of Object.entries(keys)) {
    if (key.length !== KEY_BYTES) throw badRing(secret, id, `is not a ${KEY_BYTES}-byte key`);
  }
  return { current, keys };
}

function badRing(secret: Secret, field: string, problem: string): KcError {
  const object = `secret ${keyText(keyOf(secret))}`;
  return new KcError('KC_ROLLBACK_STATE_UNREADABLE', { object, field: `data.${field}`, problem });
}
