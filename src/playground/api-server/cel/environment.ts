/** The CEL of Kubernetes: the language's own functions come with the library, those that Kubernetes adds are here. */
import { Environment } from '@marcbachmann/cel-js';
import { messageOf } from '#errors/kc-error.ts';
import { addListFunctions } from './list-functions.ts';
import { addQuantityFunctions } from './quantity-functions.ts';
import { addTextFunctions } from './text-functions.ts';

/** An environment that knows these variables, whatever they hold. */
export function celEnvironment(variables: readonly string[]): Environment {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false });
  for (const name of variables) environment.registerVariable(name, 'dyn');
  addListFunctions(environment);
  addTextFunctions(environment);
  addQuantityFunctions(environment);
  return environment;
}

/** A compiled expression. Throws where it cannot be evaluated. */
export type CelProgram = (variables: Readonly<Record<string, unknown>>) => unknown;

/** Compiles an expression. Throws where it is no CEL. */
export function compileCel(environment: Environment, expression: string): CelProgram {
  const program = environment.parse(expression);
  return (variables): unknown => program({ ...variables });
}

/** Why an expression is no CEL; undefined where it is. */
export function celProblem(environment: Environment, expression: string): string | undefined {
  try {
    compileCel(environment, expression);
    return undefined;
  } catch (error) {
    return messageOf(error).split('\n')[0];
  }
}
