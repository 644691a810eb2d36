/** The 409 answer of an apply that would take fields from others. */
import { StatusError } from '../wire/status-error.ts';
import { type FieldSet, pathsOf } from './field-set.ts';
import type { Manager } from './managers.ts';
import { fieldPathText } from './path-element.ts';

/** Fields that another manager owns and the applied configuration changes. */
export interface FieldConflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

function managerText(manager: Manager): string {
  const subresource =
    manager.subresource === '' ? '' : ` with subresource ${JSON.stringify(manager.subresource)}`;
  const version = manager.operation === 'Update' ? ` using ${manager.apiVersion}` : '';
  return `${JSON.stringify(manager.name)}${subresource}${version}`;
}

/** The answer, with one cause per field. */
export function applyConflict(conflicts: readonly FieldConflict[]): StatusError {
  const found = conflicts
    .map(({ manager, fields }) => ({
      owner: managerText(manager),
      paths: pathsOf(fields).map(fieldPathText),
    }))
    .sort((a, b) => (a.owner < b.owner ? -1 : 1));
  const causes = found.flatMap(({ owner, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${owner}`, field })),
  );
  const [first] = causes;
  const message =
    causes.length === 1 && first !== undefined
      ? `Apply failed with 1 conflict: ${first.message}: ${first.field}`
      : `Apply failed with ${causes.length} conflicts: ${found.map(groupText).join('\n')}`;
  return new StatusError(409, 'Conflict', { message, details: { causes } });
}

function groupText(group: { readonly owner: string; readonly paths: readonly string[] }): string {
  return [`conflicts with ${group.owner}:`, ...group.paths.map((path) => `- ${path}`)].join('\n');
}
