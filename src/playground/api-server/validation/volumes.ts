/** What holds for the volumes of a pod. */
import { type JsonObject, asText, isObject } from '../json/json.ts';
import { each, filledText, formatted } from './checks.ts';
import { type FieldErrors, NO_ERRORS, duplicate, prohibited, required } from './field-error.ts';
import { dnsLabelProblems } from './names.ts';

/** The fields that each kind of volume cannot do without. */
const REQUIRED: Readonly<Record<string, string>> = {
  hostPath: 'path',
  secret: 'secretName',
  configMap: 'name',
  persistentVolumeClaim: 'claimName',
  csi: 'driver',
};

function sourceErrors(volume: JsonObject, field: string): FieldErrors {
  const kinds = Object.keys(volume).filter((name) => name !== 'name');
  const [first, ...others] = kinds;
  if (first === undefined) return [required(field, 'must specify a volume type')];
  const source = volume[first];
  const needed = REQUIRED[first];
  const own =
    needed === undefined || !isObject(source)
      ? NO_ERRORS
      : filledText(source[needed], `${field}.${first}.${needed}`);
  return [
    ...own,
    ...others.map((name) => prohibited(`${field}.${name}`, 'may not specify more than 1 volume type')),
  ];
}

export function volumeErrors(volumes: unknown, field: string): FieldErrors {
  const names = new Set<string>();
  return each(volumes, field, (volume, path) => {
    const name = asText(volume['name']);
    const isRepeated = names.has(name);
    names.add(name);
    return [
      ...sourceErrors(volume, path),
      ...(name === '' ? [required(`${path}.name`)] : formatted(name, `${path}.name`, dnsLabelProblems)),
      ...(isRepeated ? [duplicate(`${path}.name`, name)] : []),
    ];
  });
}
