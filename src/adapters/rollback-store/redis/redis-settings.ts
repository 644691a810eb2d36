/** How to reach Redis. */
export interface RedisSettings {
  readonly host: string;
  readonly port: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** The number of the database; 0 where absent. */
  readonly database?: number | undefined;
  readonly tls?: boolean | undefined;
  /** PEM text of the authority that signed the server's certificate; the system's where absent. */
  readonly authority?: string | undefined;
  /** How long a command may take before Redis counts as down. */
  readonly timeoutMs?: number | undefined;
}
