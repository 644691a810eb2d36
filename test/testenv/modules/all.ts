/** Everything that `make testenv` builds. A test server from a Go module adds its GoTools here. */
import { PROMETHEUS } from '../../servers/prometheus/binaries.ts';
import type { GoTools } from '../go-tools/go-tools.ts';

/** Besides the control plane, which KUBEBUILDER_ASSETS may replace. */
export const FURTHER_TOOLS: readonly GoTools[] = [PROMETHEUS];
