/** A patch that cannot be read (400) or cannot be applied to the object (422). */
import { StatusError } from '../wire/status-error.ts';

export class PatchError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PatchError';
  }
}

/** The answer to a JSON patch that does not fit the object: the server does not say why. */
export function unfitPatch(): StatusError {
  const message = 'the server rejected our request due to an error in our request';
  return new StatusError(422, 'Invalid', { message, details: {} });
}
