/** The wiring list: every controller of the operator, in one place. */
import type { ControllerSpec } from '#runtime/controller/controller-spec.ts';
import {
  type CostOptimizationDependencies,
  costOptimizationController,
} from './cost-optimization/controller.ts';
import { startupBoostController } from './startup-boost/controller.ts';

export function controllers(deps: CostOptimizationDependencies): readonly ControllerSpec[] {
  return [costOptimizationController(deps), ...(deps.canResizeInPlace ? [startupBoostController(deps)] : [])];
}
