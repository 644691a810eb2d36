/** Which of the policies per container holds for a container. */
import type { ContainerPolicy } from '#apis/optimization.k8s.io/v1/container-policy.ts';

/** The policy of a container by its name, or that of `*`. */
export function policyFor(policies: readonly ContainerPolicy[], container: string): ContainerPolicy {
  const named = policies.find((policy) => policy.name === container);
  return named ?? policies.find((policy) => policy.name === '*') ?? { name: container };
}
