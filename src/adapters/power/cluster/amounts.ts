/** Quantities of the API as numbers. */
import { quantityToNumber, tryParseQuantity } from '#apis/kubernetes/quantity.ts';

/** Whole units: cores, bytes, devices. Undefined where there is none, or what is there is no quantity. */
export function requestOf(text: string | number | undefined): number | undefined {
  const quantity = text === undefined ? undefined : tryParseQuantity(text);
  return quantity === undefined ? undefined : quantityToNumber(quantity);
}
