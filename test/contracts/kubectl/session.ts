/**
 * What a person types at a cluster with KCloud's resources, and what kubectl shows: the same list for the playground
 * and for a real control plane. What differs from run to run is replaced.
 */
import { join } from 'node:path';
import { stringify } from 'yaml';
import { customResourceDefinitions } from '#controllers/crds.ts';
import { SystemClock } from '#platform/clock.ts';
import { installCrds } from '#kube/crd/install-crds.ts';
import type { ApiTarget } from '../../testenv/targets/api-target.ts';
import { type KubectlRun, runTargetKubectl } from '../../testenv/targets/target-kubectl.ts';

const EXAMPLES = join(import.meta.dirname, '../../../deploy/examples');
const example = (name: string): string => join(EXAMPLES, `${name}.yaml`);

/** One command and what it showed. */
export interface Step {
  readonly command: string;
  readonly shown: string;
}

interface Command extends Omit<KubectlRun, 'args'> {
  /** As typed, without quotes that matter. */
  readonly args: string;
  /** Run one after the other once it has shown its first line, for commands that watch. */
  readonly beside?: readonly string[];
  /** Repeated until this holds, and the last answer shown: for what controllers and scrapes only bring about later. */
  readonly until?: (text: string) => boolean;
}

const hasLines =
  (count: number) =>
  (text: string): boolean =>
    text.trim().split('\n').length === count;
const says =
  (pattern: RegExp) =>
  (text: string): boolean =>
    pattern.test(text);

const WEB = stringify({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'web',
            image: 'registry.example.com/web:1',
            ports: [{ containerPort: 80 }],
            resources: { requests: { cpu: '250m', memory: '128Mi' }, limits: { cpu: '1', memory: '256Mi' } },
          },
        ],
      },
    },
  },
});

const SETTINGS = stringify({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data: { colour: 'red', size: '1' },
});

const EDITOR = { KUBE_EDITOR: 'sed -i s/green/blue/' };
const NO_EDIT = { KUBE_EDITOR: 'true' };
const COST = 'costoptimizations.optimization.k8s.io';

const COMMANDS: readonly Command[] = [
  { args: `apply --dry-run=server -f ${example('test-workloads')}` },
  { args: `apply -f ${example('cpu-optimization')} -f ${example('full-optimization')}` },
  { args: `apply -f ${example('cpu-optimization')} -f ${example('full-optimization')}` },
  { args: 'get costoptimizations' },
  { args: 'get costopt -o wide' },
  { args: 'get co optimize-frontend-cpu -o jsonpath={.spec.targetWorkload.name}' },
  { args: 'describe co optimize-frontend-cpu' },
  { args: 'explain costoptimization.spec --recursive', until: says(/^FIELDS:/m) },
  { args: 'explain costoptimization.spec.targetWorkload' },
  { args: 'explain pod.spec.containers.resources' },
  { args: 'patch co optimize-frontend-cpu --type=merge -p {"spec":{"optimizationType":"NONE"}}' },
  { args: 'patch co optimize-frontend-cpu --type=merge -p {"spec":{"maxChangePercent":40}}' },
  { args: 'api-resources --api-group=optimization.k8s.io' },
  { args: 'apply -f -', input: WEB },
  { args: 'rollout status deployment/web --timeout=60s' },
  { args: 'wait --for=condition=Available deployment/web --timeout=60s' },
  { args: 'get deployments,replicasets -o wide' },
  { args: 'get pods' },
  {
    args: 'get pods -l app=web -o custom-columns=NAME:.metadata.name,PHASE:.status.phase,QOS:.status.qosClass',
  },
  { args: 'get pods --field-selector status.phase=Pending' },
  { args: 'describe deployment web' },
  { args: 'set image deployment/web web=registry.example.com/web:2' },
  { args: 'rollout status deployment/web --timeout=60s' },
  { args: 'rollout history deployment/web' },
  { args: 'rollout undo deployment/web' },
  { args: 'rollout status deployment/web --timeout=60s' },
  { args: 'scale deployment/web --replicas=3' },
  { args: 'rollout status deployment/web --timeout=60s' },
  { args: 'scale deployment/none --replicas=3' },
  { args: 'top nodes', until: hasLines(4) },
  { args: 'top pods', until: hasLines(4) },
  { args: 'apply -f -', input: SETTINGS },
  { args: 'diff -f -', input: SETTINGS },
  { args: 'edit configmap settings', env: NO_EDIT },
  { args: 'patch configmap settings -p {"data":{"colour":"green"}}' },
  { args: 'edit configmap settings', env: EDITOR },
  { args: 'get configmap settings -o jsonpath={.data}' },
  {
    args: 'get configmap settings -w --output-watch-events',
    lines: 4,
    beside: ['label configmap settings tier=web', 'delete configmap settings'],
  },
  { args: 'label deployment web tier=front' },
  { args: 'annotate deployment web note=hello' },
  { args: 'get deployment web --show-labels' },
  { args: 'get deployment web -o yaml', until: says(/terminatingReplicas: 0/) },
  { args: 'expose deployment web --port=80' },
  { args: 'get service web' },
  { args: 'describe service web', until: says(/Endpoints:(?: +|,)(?:\S+:80,){2}\S+:80$/m) },
  { args: 'get nodes' },
  { args: 'get nodes -o wide' },
  { args: 'create serviceaccount robot' },
  { args: 'create role reader --verb=get,list --resource=pods' },
  { args: 'create rolebinding reader --role=reader --serviceaccount=default:robot' },
  { args: 'auth can-i list pods --as=system:serviceaccount:default:robot', until: says(/^yes/) },
  { args: 'auth can-i delete pods --as=system:serviceaccount:default:robot' },
  { args: 'auth can-i * *' },
  { args: 'get secrets --as=system:serviceaccount:default:robot' },
  { args: 'get namespaces' },
  { args: 'get nothing' },
  { args: 'get pods none' },
  { args: 'delete deployment web --cascade=foreground --timeout=60s' },
  { args: 'get pods' },
  { args: `delete -f ${example('cpu-optimization')} -f ${example('full-optimization')} --timeout=60s` },
  { args: `get ${COST}` },
  { args: `explain ${COST}.nothing` },
];

/** Installs the definitions and carries out the whole list. */
export async function kubectlSession(target: ApiTarget): Promise<readonly Step[]> {
  const crds = customResourceDefinitions();
  await installCrds(crds, { client: target.client, clock: new SystemClock(), fieldManager: 'kcloud' });
  const steps: Step[] = [];
  for (const command of COMMANDS) steps.push(await carryOut(target, command));
  return steps;
}

async function carryOut(target: ApiTarget, command: Command): Promise<Step> {
  const typed = command.args.replaceAll(`${EXAMPLES}/`, 'deploy/examples/');
  const { text, code } = await outcomeOf(target, command);
  // What is ended once it has shown enough ends as it pleases.
  const isRefused = command.lines === undefined && code !== 0;
  return {
    command: `kubectl ${typed}`,
    shown: normalised(text) + (isRefused ? `exit ${String(code)}\n` : ''),
  };
}

async function outcomeOf(target: ApiTarget, command: Command) {
  const { args, beside = [], until, ...run } = command;
  const words = args.split(' ');
  if (until !== undefined) return untilShown(target, words, until);
  const others = async () => {
    for (const other of beside) await runTargetKubectl(target, { args: other.split(' ') });
  };
  return runTargetKubectl(target, { ...run, args: words, onFirstLine: others });
}

/** So often is looked; usage takes longest, the time of two scrapes. */
const LOOKS = 60;
const LOOK_MS = 1000;

async function untilShown(target: ApiTarget, args: readonly string[], until: (text: string) => boolean) {
  for (let look = 1; ; look += 1) {
    const outcome = await runTargetKubectl(target, { args });
    if (until(outcome.text) || look === LOOKS) return outcome;
    await target.pass(LOOK_MS);
  }
}

const REPLACED: readonly (readonly [RegExp, string])[] = [
  [/[ \t]+$/gm, ''],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uid>'],
  [/\bweb-[0-9a-z]{8,10}(-[0-9a-z]{5})?\b/g, 'web-<hash>'],
  [/pod-template-hash=[0-9a-z]+/g, 'pod-template-hash=<hash>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>'],
  [/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, '<time>'],
  [/resourceVersion: "\d+"/g, 'resourceVersion: <version>'],
  [/Resource Version: +\d+/g, 'Resource Version: <version>'],
  [/\b(?:\d{1,3}\.){3}\d{1,3}\b/g, '<ip>'],
  [/m6i-2xlarge-\d/g, '<node>'],
  [/(?<=\s)(?<!(?:cpu|Window): +)(?:\d+[smhd])+(?=\s|$)|<invalid>/gm, '<age>'],
  [/\b\d+m(?= +\d+%| +\d+Mi)/g, '<cpu>'],
  [/\b\d+Mi\b(?= +\d+%|$)/gm, '<memory>'],
  [/\b\d+%/g, '<share>'],
  [/\/tmp\/\S+/g, '<file>'],
  [/(?<=\S) {2,}/g, '  '],
  // How often progress is told depends on the moment; how it ends does not.
  [/^Waiting for deployment .*\n/gm, ''],
];

/**
 * Conditions stand in the order of their last turn, and whether a turn happens at all depends on who is faster: the
 * Deployment controller does not see a shortage that a quick pod has already ended.
 */
const CONDITIONS =
  /(?:^ +- lastTransitionTime: .*\n(?: +(?:lastUpdateTime|message|reason|status|type): .*\n)+)+|(?:^ +(?:Available|Progressing) .*\n)+/gm;

function inOrder(conditions: string): string {
  const starts = conditions.includes('lastTransitionTime') ? /^(?= +- )/m : /^(?= )/m;
  return conditions
    .split(starts)
    .toSorted((a, b) => (kindOf(a) < kindOf(b) ? -1 : 1))
    .join('');
}

function kindOf(condition: string): string {
  return /type: (\w+)|^ +(\w+)/.exec(condition)?.slice(1).find(Boolean) ?? '';
}

/** The text with what varies replaced, and columns a fixed distance apart. */
export function normalised(text: string): string {
  const replaced = REPLACED.reduce((result, [pattern, name]) => result.replaceAll(pattern, name), text);
  return replaced.replaceAll(CONDITIONS, inOrder);
}

/** The whole session as text. */
export function sessionText(steps: readonly Step[]): string {
  return steps.map(({ command, shown }) => `$ ${command}\n${shown}`).join('\n');
}
