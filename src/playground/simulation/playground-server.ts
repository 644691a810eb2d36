/** The playground's API server as the server of a world. */
import { type ApiServerOptions, PlaygroundApiServer } from '../api-server/playground-api-server.ts';
import type { WorldParts, WorldServer } from './world.ts';

export type PlaygroundServerOptions = Omit<ApiServerOptions, 'clock' | 'random'>;

/** For `WorldOptions.server`. */
export function playgroundServer(
  options: PlaygroundServerOptions = {},
): (parts: WorldParts) => Promise<WorldServer> {
  return async ({ clock, random }) => {
    const server = await PlaygroundApiServer.create({ ...options, clock, random });
    return { access: server.access(), transport: server };
  };
}
