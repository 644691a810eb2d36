/** A request that cannot be carried out as it stands, with every field that is wrong. */
import { KcError } from '#errors/kc-error.ts';

export interface FieldProblem {
  /** As the caller wrote it: `optimization_types[1]`, `query.limit`. */
  readonly field: string;
  readonly message: string;
}

export class InvalidRequest extends KcError {
  readonly problems: readonly FieldProblem[];

  constructor(problems: readonly FieldProblem[]) {
    const [first = { field: 'body', message: 'is not valid' }] = problems;
    super('KC_REQUEST_INVALID', { field: first.field, problem: first.message });
    this.name = 'InvalidRequest';
    this.problems = problems;
  }
}

/** One wrong field. */
export function invalidField(field: string, message: string): InvalidRequest {
  return new InvalidRequest([{ field, message }]);
}
