/** Scene 4: usage grows after a change; the kernel kills, the operator sees it, rolls back and remembers. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { unitsOf } from '#apis/kubernetes/quantity.ts';
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { DEPLOYMENTS, PODS } from '#kube/client/builtin-types.ts';
import { explain } from '../../explain/explanation.ts';
import type { DemoWorld } from '../demo-world.ts';
import { DEMO_WORKLOADS, GROWS_LATER } from '../fleet/demo-workloads.ts';
import { must } from './must.ts';
import type { PassingTime } from './passing-time.ts';
import type { Stage } from './stage.ts';
import { clockText } from './telling.ts';

const SCENE = 'scene 4';
const { namespace, name } = GROWS_LATER;
const SUBJECT = `${namespace}/${name}`;
const MEMORY = `containers/${name}/limits/memory`;
/** The operator looks at usage again every half hour. */
const LEARNS_WITHIN_MS = 3 * HOUR_MS;

export async function regress(demo: DemoWorld, stage: Stage, time: PassingTime): Promise<void> {
  stage.heading('4  One goes wrong, and is rolled back');
  const small = limitsOf(demo);
  const growsAtMs = createdMs(demo) + GROWS_LATER.afterMinutes * MINUTE_MS;
  must(growsAtMs > demo.nowMs, SCENE, 'usage grows after the change, not before it');
  stage.say(
    `${SUBJECT} runs with ${small.join(', ')} of memory now. At ${clockText(growsAtMs)} its load grows to ${GROWS_LATER.factor} times, and its memory with it. Nobody tells the operator.`,
    '',
  );
  const rolledBack = await time.pass({
    forMs: 4 * HOUR_MS,
    stepMs: MINUTE_MS,
    until: () => statusOf(demo).phase === 'RolledBack',
    tells: ({ subject }) => subject === SUBJECT,
    paceMs: 20,
  });
  must(rolledBack, SCENE, `${SUBJECT} was rolled back`);
  await time.pass({
    forMs: LEARNS_WITHIN_MS,
    stepMs: 10 * MINUTE_MS,
    until: () => isHealed(demo) && statusOf(demo).currentRecommendation !== undefined,
  });
  tellLesson(demo, stage);
  await stage.pause(5000);
}

interface Lesson {
  readonly optimization: CostOptimization;
  /** The size that proved too small. */
  readonly floor: string;
  /** The size that would do, and what risk it has after the kill. */
  readonly next: string;
  readonly risk: string;
}

/** What the operator learned. Throws where it learned nothing, or the pods are not as they were. */
function lessonOf(demo: DemoWorld): Lesson {
  const optimization = find(demo);
  const { currentRecommendation, regressions = [] } = optimization.status ?? {};
  const [lesson] = regressions;
  must(lesson?.reason === 'OOMKilled', SCENE, 'the kill for memory was recorded');
  const floor = lesson.floors?.[MEMORY];
  must(floor !== undefined, SCENE, 'the size that was too small was remembered');
  must(currentRecommendation !== undefined, SCENE, 'the operator says what would do');
  const next = currentRecommendation.changes['memory_limit'] ?? 0;
  must(unitsOf(next) > unitsOf(floor), SCENE, 'the next size lies above the one that was too small');
  must(isHealed(demo), SCENE, `all pods of ${SUBJECT} run again with ${originalMemory()}`);
  const { riskLevel: risk } = currentRecommendation;
  must(risk === 'HIGH' || risk === 'CRITICAL', SCENE, 'its risk is known to be higher now');
  return { optimization, floor: String(floor), next: String(next), risk };
}

function tellLesson(demo: DemoWorld, stage: Stage): void {
  const { optimization, floor, next, risk } = lessonOf(demo);
  stage.say(
    '',
    stage.style('bold', `kcloud explain ${name} -n ${namespace}`) + stage.style('dim', `   (at ${clockText(demo.nowMs)})`),
    ...excerpt(explain(optimization, stage.colour)),
    '',
    `All ${podsOf(demo).length} pods have their ${originalMemory()} again. ${floor} proved too little and is never tried again: by what was learned ${next} would do,`,
    `but after a kill the risk is ${risk}, so that waits for a person: kcloud approve ${name} -n ${namespace}`,
  ); // prettier-ignore
}

/** The explanation without its long tables of inputs. */
function excerpt(text: string): readonly string[] {
  const sections = text.trimEnd().split('\n\n');
  const tables = ['What it was based on', 'What else was weighed'];
  const kept = sections.filter((section) => !tables.some((title) => section.split('\n')[0]?.includes(title)));
  return kept.flatMap((section) => ['', ...section.split('\n').map((line) => `  ${line}`)]);
}

function find(demo: DemoWorld): CostOptimization {
  const found = demo
    .optimizations()
    .find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  must(found !== undefined, SCENE, `there is a CostOptimization ${SUBJECT}`);
  return found;
}

function statusOf(demo: DemoWorld): NonNullable<CostOptimization['status']> {
  return find(demo).status ?? {};
}

function createdMs(demo: DemoWorld): number {
  const workload = demo.cluster
    .stored(DEPLOYMENTS, namespace)
    .find(({ metadata }) => metadata?.name === name);
  return Date.parse(String(workload?.metadata?.creationTimestamp));
}

function podsOf(demo: DemoWorld): readonly Pod[] {
  return demo.cluster.stored(PODS, namespace).filter(({ metadata }) => metadata?.labels?.['app'] === name);
}

/** The memory limits in force, each once. */
function limitsOf(demo: DemoWorld): readonly string[] {
  return [
    ...new Set(podsOf(demo).map((pod) => pod.spec?.containers[0]?.resources?.limits?.['memory'] ?? 'none')),
  ];
}

function isHealed(demo: DemoWorld): boolean {
  const isReady = ({ status }: Pod): boolean =>
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
  const limits = limitsOf(demo);
  return podsOf(demo).every(isReady) && limits.length === 1 && limits[0] === originalMemory();
}

function originalMemory(): string {
  const declared = DEMO_WORKLOADS.find((each) => each.namespace === namespace && each.name === name);
  return declared?.memory ?? '';
}
