/** Rows of the kinds that show little. */
import { asList, asObjects, asText, objectAt, textAt } from '../json/json.ts';
import { type CellMaker, age, at, count, flag, name, row, size, text } from './cells.ts';
import type { RowMaker } from './table.ts';

/** The subjects of a binding that are of one kind. */
function subjects(kind: string): CellMaker {
  return (object) =>
    asObjects(object['subjects'])
      .filter((subject) => subject['kind'] === kind)
      .map((subject) => {
        const place = asText(subject['namespace']);
        const subjectName = asText(subject['name']);
        return kind === 'ServiceAccount' && place !== '' ? `${place}/${subjectName}` : subjectName;
      })
      .join(', ');
}

const roleRef: CellMaker = (object) =>
  `${textAt(object, 'roleRef', 'kind')}/${textAt(object, 'roleRef', 'name')}`;

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

const className: CellMaker = (object) => {
  const isDefault = object.metadata.annotations?.[DEFAULT_CLASS] === 'true';
  return `${object.metadata.name ?? ''}${isDefault ? ' (default)' : ''}`;
};

const ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

function accessModes(path: string): CellMaker {
  return (object) => {
    const modes = asList(at(object, path));
    const known = Object.keys(ACCESS_MODES).filter((mode) => modes.includes(mode));
    return known.map((mode) => ACCESS_MODES[mode]).join(',');
  };
}

const volumePhase: CellMaker = (object) =>
  object.metadata.deletionTimestamp === undefined ? textAt(object, 'status', 'phase') : 'Terminating';

const claimReference: CellMaker = (object) => {
  const claim = objectAt(object, 'spec', 'claimRef');
  return claim['name'] === undefined ? '' : `${asText(claim['namespace'])}/${asText(claim['name'])}`;
};

/** Empty until the claim has a volume. */
function bound(cell: CellMaker): CellMaker {
  return (object, context) => (textAt(object, 'spec', 'volumeName') === '' ? '' : cell(object, context));
}

function quotas(isLimit: boolean): CellMaker {
  return (object) => {
    const hard = objectAt(object, 'status', 'hard');
    const used = objectAt(object, 'status', 'used');
    const names = Object.keys(hard).filter((resource) => resource.startsWith('limits.') === isLimit);
    const amount = (value: unknown): string => asText(value) || '0';
    return names
      .sort()
      .map((resource) => `${resource}: ${amount(used[resource])}/${amount(hard[resource])}`)
      .join(', ');
  };
}

const webhooks = row(name, size('webhooks'), age);
const binding = row(name, roleRef, age, subjects('User'), subjects('Group'), subjects('ServiceAccount'));
const attributesClass = text('spec.volumeAttributesClassName', '<unset>');
const volumeMode = text('spec.volumeMode', '<unset>');

export const PLAIN_ROWS: Readonly<Record<string, RowMaker>> = {
  '/configmaps': row(name, size('data', 'binaryData'), age),
  '/secrets': row(name, text('type'), size('data'), age),
  '/namespaces': row(name, text('status.phase'), age),
  '/serviceaccounts': row(name, age),
  '/persistentvolumes': row(
    name,
    text('spec.capacity.storage', '0'),
    accessModes('spec.accessModes'),
    text('spec.persistentVolumeReclaimPolicy'),
    volumePhase,
    claimReference,
    text('spec.storageClassName'),
    attributesClass,
    text('status.reason'),
    age,
    volumeMode,
  ),
  '/persistentvolumeclaims': row(
    name,
    volumePhase,
    text('spec.volumeName'),
    bound(text('status.capacity.storage', '0')),
    bound(accessModes('status.accessModes')),
    text('spec.storageClassName'),
    attributesClass,
    age,
    volumeMode,
  ),
  '/resourcequotas': row(name, quotas(false), quotas(true), age),
  'coordination.k8s.io/leases': row(name, text('spec.holderIdentity'), age),
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': webhooks,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': webhooks,
  'rbac.authorization.k8s.io/rolebindings': binding,
  'rbac.authorization.k8s.io/clusterrolebindings': binding,
  'scheduling.k8s.io/priorityclasses': row(
    name,
    count('value'),
    flag('globalDefault'),
    age,
    text('preemptionPolicy'),
  ),
  'storage.k8s.io/storageclasses': row(
    className,
    text('provisioner'),
    text('reclaimPolicy', 'Delete'),
    text('volumeBindingMode', 'Immediate'),
    flag('allowVolumeExpansion'),
    age,
  ),
};
