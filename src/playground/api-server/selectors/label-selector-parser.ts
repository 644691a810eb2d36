/** Reads the text form of label selectors as k8s.io/apimachinery/pkg/labels does, with the same complaints. */
import { labelValueProblems, qualifiedNameProblems } from '../validation/names.ts';

export type Operator = 'in' | 'notin' | '>' | '<' | 'exists' | '!';

export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** What is wrong with a selector. */
export class SelectorError extends Error {}

const TOKEN = /\s*(==|!=|[=!(),<>]|[^\s=!(),<>]+)/y;
const SYMBOLS = new Set(['=', '==', '!=', '!', '(', ')', ',', '<', '>']);
const EQUALITIES = new Set(['=', '==']);
const OPERATORS = 'in, notin, =, ==, !=, gt, lt';

/** Throws SelectorError for a text that is no selector. */
export function parseRequirements(text: string): readonly Requirement[] {
  return new Parser(tokensOf(text)).all();
}

function tokensOf(text: string): readonly string[] {
  return [...text.matchAll(new RegExp(TOKEN, 'g'))].map(([, token = '']) => token);
}

function isIdentifier(token: string): boolean {
  return token !== '' && !SYMBOLS.has(token);
}

/** The end of the text reads as an empty token. */
class Parser {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  all(): readonly Requirement[] {
    const found: Requirement[] = [];
    while (this.#next() !== '') {
      if (!this.#startsRequirement())
        throw new SelectorError(`found '${this.#next()}', expected: !, identifier, or 'end of string'`);
      found.push(this.#requirementOrReason());
      const after = this.#take();
      if (after === '') break;
      if (after !== ',') throw new SelectorError(`found '${after}', expected: ',' or 'end of string'`);
      if (!this.#startsRequirement())
        throw new SelectorError(`found '${this.#next()}', expected: identifier after ','`);
    }
    return found;
  }

  #next(): string {
    return this.#tokens[this.#position] ?? '';
  }

  #take(): string {
    const token = this.#next();
    this.#position += 1;
    return token;
  }

  #startsRequirement(): boolean {
    return isIdentifier(this.#next()) || this.#next() === '!';
  }

  #requirementOrReason(): Requirement {
    try {
      return checked(this.#requirement());
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error;
      throw new SelectorError(`unable to parse requirement: ${error.message}`);
    }
  }

  #requirement(): Requirement {
    const isNegated = this.#next() === '!';
    if (isNegated) this.#take();
    const key = this.#take();
    if (!isIdentifier(key)) throw new SelectorError(`found '${key}', expected: identifier`);
    if (isNegated) return { key, operator: '!', values: [] };
    if (this.#next() === '' || this.#next() === ',') return { key, operator: 'exists', values: [] };
    return { key, ...this.#comparison(this.#take()) };
  }

  #comparison(operator: string): Omit<Requirement, 'key'> {
    if (operator === 'in' || operator === 'notin') return { operator, values: this.#values() };
    if (EQUALITIES.has(operator)) return { operator: 'in', values: [this.#value()] };
    if (operator === '!=') return { operator: 'notin', values: [this.#value()] };
    if (operator === '<' || operator === '>') return { operator, values: [this.#value()] };
    throw new SelectorError(`found '${operator}', expected: ${OPERATORS}`);
  }

  #value(): string {
    if (this.#next() === '' || this.#next() === ',') return '';
    const value = this.#take();
    if (!isIdentifier(value)) throw new SelectorError(`found '${value}', expected: identifier`);
    return value;
  }

  /** `(a,b)`; an empty place stands for the empty value. */
  #values(): readonly string[] {
    const open = this.#take();
    if (open !== '(') throw new SelectorError(`found '${open}' expected: '('`);
    const first = this.#next();
    if (!isIdentifier(first) && first !== ',' && first !== ')')
      throw new SelectorError(`found '${first}', expected: ',', ')' or identifier`);
    const values: string[] = [];
    for (;;) {
      values.push(isIdentifier(this.#next()) ? this.#take() : '');
      const after = this.#take();
      if (after === ')') return values;
      if (after !== ',') throw new SelectorError(`found '${after}', expected: ',' or ')'`);
    }
  }
}

function checked(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement;
  const [problem] = qualifiedNameProblems(key);
  if (problem !== undefined)
    throw new SelectorError(`key: Invalid value: ${JSON.stringify(key)}: ${problem}`);
  if (operator === '<' || operator === '>') checkBound(key, values);
  for (const [index, value] of values.entries()) {
    const [wrong] = labelValueProblems(value);
    if (wrong === undefined) continue;
    throw new SelectorError(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${wrong}`);
  }
  return requirement;
}

function checkBound(key: string, values: readonly string[]): void {
  if (values.every((value) => /^[-+]?\d+$/.test(value))) return;
  const shown = JSON.stringify(values[0]);
  const problem = "for 'Gt', 'Lt' operators, the value must be an integer";
  throw new SelectorError(`values[0][${key}]: Invalid value: ${shown}: ${problem}`);
}
