/** What a prediction rests on and what limits it, in sentences that can be shown as they are. */
import { type EnergyCalibration } from './calibration.ts';
import { type CpuForecast } from './cpu-forecast.ts';
import { type EnergyRequest } from './request.ts';

export interface Evidence {
  readonly kind: 'history' | 'calibration' | 'interval' | 'attribution';
  readonly text: string;
}

export interface EvidenceInput {
  readonly cpu: CpuForecast;
  readonly request: EnergyRequest;
  readonly calibration: EnergyCalibration;
  readonly unattributedWatts: number;
}

export function evidenceOf({ cpu, request, calibration, unattributedWatts }: EvidenceInput): Evidence[] {
  const others = request.containersOnNode?.length ?? 0;
  return [
    { kind: 'history', text: `${cpu.samplesUsed} of ${cpu.samplesGiven} samples of the container's CPU` },
    ...cpu.notes.map((text): Evidence => ({ kind: 'history', text })),
    { kind: 'calibration', text: calibrationText(calibration) },
    ...intervalEvidence(cpu, calibration),
    ...(others > 0 ? [othersEvidence(others)] : []),
    ...(unattributedWatts > 0 ? [unattributedEvidence(unattributedWatts)] : []),
  ];
}

function calibrationText({
  origin,
  nodePowerFit,
  containerToNodeFit,
  nodePowerCurve,
}: EnergyCalibration): string {
  if (origin === 'default')
    return 'not calibrated: the lines and limits are those of one small server (Dell X3430), so watts of this node may be quite different';
  const curve = nodePowerCurve === undefined ? 'the fitted line' : `a curve (${nodePowerCurve.family})`;
  if (origin === 'idle-and-max')
    return `power by ${curve} from idle and maximum watts alone; utilisation by the default line`;
  return `calibrated on ${containerToNodeFit?.points ?? 0} points of utilisation and ${nodePowerFit?.points ?? 0} of power; power by ${curve}`;
}

function intervalEvidence(cpu: CpuForecast, calibration: EnergyCalibration): Evidence[] {
  const known =
    calibration.containerToNodeFit?.residualSd !== undefined ||
    calibration.nodePowerFit?.residualSd !== undefined;
  const residual: Evidence = {
    kind: 'interval',
    text: 'the interval knows the doubt of the CPU forecast only: how far this node strays from the lines is not known',
  };
  const still: Evidence = {
    kind: 'interval',
    text: 'the history never changes, so the interval knows no doubt of the CPU forecast',
  };
  return [...(known ? [] : [residual]), ...(cpu.error.sd.every((sd) => sd === 0) ? [still] : [])];
}

function othersEvidence(count: number): Evidence {
  return { kind: 'attribution', text: `the other ${count} containers are taken to go on as they are` };
}

function unattributedEvidence(watts: number): Evidence {
  return {
    kind: 'attribution',
    text: `${watts.toFixed(2)} W of the node belong to no container, as none uses any CPU`,
  };
}
