/** YAML as Kubernetes reads it: kubectl and Helm take an unquoted `Off` or `yes` for a boolean, as YAML 1.1 does. */
import { stringify } from 'yaml';

/** One document per object. */
export function kubeYaml(objects: readonly object[]): string {
  return objects.map((object) => stringify(object, { version: '1.1' })).join('---\n');
}
