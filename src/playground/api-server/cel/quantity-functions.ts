/** Quantities in CEL. */
import type { Environment } from '@marcbachmann/cel-js';
import {
  type Quantity,
  addQuantities,
  compareQuantities,
  parseQuantity,
  quantityToNumber,
  subtractQuantities,
  tryParseQuantity,
} from '#apis/kubernetes/quantity.ts';

const NANO_PER_UNIT = 1_000_000_000n;

/** A quantity as CEL sees it. */
export class CelQuantity {
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    this.quantity = quantity;
  }
}

const order = (a: CelQuantity, b: CelQuantity): number => compareQuantities(a.quantity, b.quantity);

export function addQuantityFunctions(environment: Environment): void {
  environment
    .registerType('Quantity', { ctor: CelQuantity, fields: {} })
    .registerFunction('quantity(string): Quantity', (text: string) => new CelQuantity(parseQuantity(text)))
    .registerFunction('isQuantity(string): bool', (text: string) => tryParseQuantity(text) !== undefined)
    .registerFunction(
      'Quantity.isGreaterThan(Quantity): bool',
      (a: CelQuantity, b: CelQuantity) => order(a, b) > 0,
    )
    .registerFunction(
      'Quantity.isLessThan(Quantity): bool',
      (a: CelQuantity, b: CelQuantity) => order(a, b) < 0,
    )
    .registerFunction('Quantity.compareTo(Quantity): int', (a: CelQuantity, b: CelQuantity) =>
      BigInt(Math.sign(order(a, b))),
    )
    .registerFunction('Quantity.sign(): int', (a: CelQuantity) => BigInt(signOf(a.quantity.nano)))
    .registerFunction(
      'Quantity.isInteger(): bool',
      (a: CelQuantity) => a.quantity.nano % NANO_PER_UNIT === 0n,
    )
    .registerFunction('Quantity.asInteger(): int', (a: CelQuantity) => a.quantity.nano / NANO_PER_UNIT)
    .registerFunction('Quantity.asApproximateFloat(): double', (a: CelQuantity) =>
      quantityToNumber(a.quantity),
    )
    .registerFunction(
      'Quantity.add(Quantity): Quantity',
      (a: CelQuantity, b: CelQuantity) => new CelQuantity(addQuantities(a.quantity, b.quantity)),
    )
    .registerFunction(
      'Quantity.sub(Quantity): Quantity',
      (a: CelQuantity, b: CelQuantity) => new CelQuantity(subtractQuantities(a.quantity, b.quantity)),
    );
}

function signOf(nano: bigint): number {
  if (nano === 0n) return 0;
  return nano < 0n ? -1 : 1;
}
