/** What is wrong with an input, in a form that a service can answer with. */

export type ProblemCode =
  | 'too-few-samples'
  | 'not-finite'
  | 'negative'
  | 'not-positive'
  | 'out-of-range'
  | 'not-whole'
  | 'idle-above-current'
  | 'unusable-history';

export interface InputProblem {
  /** The path of the field, such as `containersOnNode[2].cpuUtilFraction`. */
  readonly field: string;
  readonly code: ProblemCode;
  /** What is wrong, with the value. */
  readonly message: string;
  /** What to send instead. */
  readonly fix: string;
}

export interface Invalid {
  readonly kind: 'invalid';
  /** At least one. */
  readonly problems: readonly InputProblem[];
}

export interface Range {
  readonly from: number;
  readonly to: number;
  /** The unit, for the message. */
  readonly unit: string;
}

/** The problem of a number that must lie within a range, ends included; none where it does. */
export function rangeProblem(field: string, value: number, { from, to, unit }: Range): InputProblem[] {
  const fix = `send a number from ${from} to ${to} ${unit}`;
  if (!Number.isFinite(value))
    return [
      { field, code: 'not-finite', message: `${field} is ${value}, which is not a finite number`, fix },
    ];
  if (value >= from && value <= to) return [];
  return [{ field, code: 'out-of-range', message: `${field} is ${value} ${unit}`, fix }];
}
