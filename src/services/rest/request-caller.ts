/** Tells the compiler what the hooks of RestServer put on a request. */
import type { Caller } from './access/caller.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; set before the handler runs. */
    caller: Caller;
  }
}
