/** The scripted part: five scenes, in order. Throws KC_DEMO_DIVERGED where one does not come about. */
import type { DemoWorld } from '../demo-world.ts';
import { passTheDay, tellReport } from './conclude.ts';
import { tellFindings } from './find.ts';
import { introduce } from './introduce.ts';
import { optimize } from './optimize.ts';
import { PassingTime } from './passing-time.ts';
import { regress } from './regress.ts';
import { type Report, reportOf } from './report.ts';
import type { Stage } from './stage.ts';

export interface Told {
  readonly report: Report;
  /** Goes on with what has passed so far. */
  readonly time: PassingTime;
}

export async function tellStory(demo: DemoWorld, stage: Stage, seed: number): Promise<Told> {
  const beforeUsdPerHour = demo.money().usdPerHour;
  const beganMs = demo.nowMs;
  const beforePower = await demo.power();
  await introduce(demo, stage);
  await tellFindings(demo, stage);
  const time = new PassingTime(demo, stage);
  await optimize(demo, stage, time);
  await regress(demo, stage, time);
  await passTheDay(demo, stage, time);
  const power = { before: beforePower, after: await demo.power() };
  const report = reportOf({ seed, demo, beforeUsdPerHour, power, beganMs, news: time.news });
  await tellReport(report, stage);
  return { report, time };
}
