/** Gets the image of a container onto its node; images that cannot be had are tried again with back-off. */
import type { Container } from '#apis/kubernetes/builtin.ts';
import { TimerGroup } from '../../simulation/timer-group.ts';
import { BackOff } from './back-off.ts';
import type { ContainerState } from './container-state.ts';
import { type ContainerPlace, emitContainerEvent } from './kubelet-services.ts';
import { draw } from './timing.ts';

/** Images with such names do not exist: `kubectl set image … app=web:does-not-exist` breaks a rollout. */
const MISSING_IMAGE = /does-?not-?exist|non-?existent|no-such|not-?found|missing/;
/** How long a failed pull shows as ErrImagePull before it shows as ImagePullBackOff. */
const ERROR_SHOWN_MS = 12_000;

export interface PullListener {
  readonly onPulled: () => void;
  /** The container waits for another reason than before. */
  readonly onWaiting: (state: ContainerState) => void;
}

export class ImagePuller {
  readonly #place: ContainerPlace;
  readonly #listener: PullListener;
  readonly #timers: TimerGroup;
  readonly #backOff = new BackOff();
  readonly #image: string;
  #isBackingOff = false;

  constructor(place: ContainerPlace, listener: PullListener) {
    this.#place = place;
    this.#listener = listener;
    this.#timers = new TimerGroup(place.services.context.clock);
    this.#image = place.container.image ?? '';
  }

  /** Ends in `onPulled`, at once where the node has the image. */
  pull(): void {
    const { images, timing, context } = this.#place.services;
    const isPresent = images.has(this.#node(), this.#image);
    if (isPresent && pullPolicy(this.#place.container) !== 'Always') {
      this.#say('Pulled', `Container image "${this.#image}" already present on machine`);
      this.#listener.onPulled();
      return;
    }
    this.#say('Pulling', `Pulling image "${this.#image}"`);
    const tookMs = draw(context.random, isPresent ? timing.pullAgain : timing.pull);
    this.#timers.after(tookMs, () => {
      if (this.#exists()) this.#succeed(tookMs);
      else this.#fail();
    });
  }

  cancel(): void {
    this.#timers.cancelAll();
  }

  #exists(): boolean {
    return this.#place.lifecycle.imagePull !== 'fails' && !MISSING_IMAGE.test(this.#image);
  }

  #succeed(tookMs: number): void {
    const seconds = `${(tookMs / 1000).toFixed(3)}s`;
    this.#place.services.images.add(this.#node(), this.#image);
    this.#say(
      'Pulled',
      `Successfully pulled image "${this.#image}" in ${seconds} (${seconds} including waiting)`,
    );
    this.#listener.onPulled();
  }

  #fail(): void {
    const error = `failed to pull and unpack image "${this.#image}": failed to resolve reference "${this.#image}": not found`;
    this.#warn('Failed', `Failed to pull image "${this.#image}": ${error}`);
    this.#warn('Failed', 'Error: ErrImagePull');
    const waitMs = Math.max(2 * ERROR_SHOWN_MS, this.#backOff.next(this.#place.services.context.clock.now()));
    this.#timers.after(waitMs, () => { this.pull(); }); // prettier-ignore
    if (this.#isBackingOff) return;
    this.#isBackingOff = true;
    this.#listener.onWaiting({ kind: 'waiting', reason: 'ErrImagePull', message: error });
    this.#timers.after(ERROR_SHOWN_MS, () => { this.#showBackOff(error); }); // prettier-ignore
  }

  #showBackOff(error: string): void {
    this.#warn('BackOff', `Back-off pulling image "${this.#image}"`);
    this.#warn('Failed', 'Error: ImagePullBackOff');
    const message = `Back-off pulling image "${this.#image}": ErrImagePull: ${error}`;
    this.#listener.onWaiting({ kind: 'waiting', reason: 'ImagePullBackOff', message });
  }

  #node(): string {
    return this.#place.pod().spec?.nodeName ?? '';
  }

  #say(reason: string, message: string): void {
    emitContainerEvent(this.#place, { reason, message });
  }

  #warn(reason: string, message: string): void {
    emitContainerEvent(this.#place, { type: 'Warning', reason, message });
  }
}

/** The API server fills this in; the rule is the same here for servers that do not. */
function pullPolicy(container: Container): string {
  const image = container.image ?? '';
  const isLatest = !/:[^/]+$/.test(image) || image.endsWith(':latest');
  return container.imagePullPolicy ?? (isLatest ? 'Always' : 'IfNotPresent');
}
