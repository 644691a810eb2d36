/** What a process says of itself: is it alive, and is it ready for work. */

/** Resolves or returns where all is well; throws or rejects with what is wrong. */
export type HealthCheck = () => void | Promise<void>;

export interface HealthReport {
  readonly ok: boolean;
  /** The name of each check with what is wrong, or undefined. */
  readonly checks: readonly { readonly name: string; readonly problem: string | undefined }[];
}

export class Health {
  readonly #liveness = new Map<string, HealthCheck>();
  readonly #readiness = new Map<string, HealthCheck>();

  /** A failing liveness check asks for a restart: only for states that nothing else ends. */
  addLiveness(name: string, check: HealthCheck): void {
    this.#liveness.set(name, check);
  }

  /** A failing readiness check keeps traffic away. */
  addReadiness(name: string, check: HealthCheck): void {
    this.#readiness.set(name, check);
  }

  live(): Promise<HealthReport> {
    return report(this.#liveness);
  }

  ready(): Promise<HealthReport> {
    return report(this.#readiness);
  }
}

async function report(checks: ReadonlyMap<string, HealthCheck>): Promise<HealthReport> {
  const results = await Promise.all(
    [...checks].map(async ([name, check]) => {
      try {
        await check();
        return { name, problem: undefined };
      } catch (error) {
        return { name, problem: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
  return { ok: results.every(({ problem }) => problem === undefined), checks: results };
}

/** The report as Kubernetes' own components print it, one line per check. */
export function reportText(reported: HealthReport): string {
  const lines = reported.checks.map(({ name, problem }) =>
    problem === undefined ? `[+] ${name} ok` : `[-] ${name} failed: ${problem}`,
  );
  return [...lines, reported.ok ? 'ok' : 'not ok', ''].join('\n');
}
