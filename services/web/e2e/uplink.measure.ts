// Not a test: how soon, and for how much of the time, three publishers send all layers of their cameras.
// `make bench-uplink` runs it and prints one JSON line per figure; SECONDS of it may be given.
import { type Page, test } from '@playwright/test';
import { journey } from './support/journey';
import { startLesson } from './support/school';
import { type Uplink, uplinkOf } from './support/uplink';

const seconds = Number(process.env.SECONDS ?? 60);
const names = ['q', 'h', 'f'];

test.describe('the uplink', () => {
  const its = journey();

  test('of three publishers', async () => {
    test.setTimeout((seconds + 180) * 1000);
    const teacher = (await its.school.teacher({ who: 'teacher', measured: true })).page;
    const room1 = (await its.school.screen('room1', { measured: true })).page;
    const room2 = (await its.school.screen('room2', { measured: true })).page;
    await startLesson(teacher);
    await Promise.all([measure('teacher', teacher), measure('room1', room1), measure('room2', room2)]);
  });
});

/** Every page is asked once a second; a layer is live while it sends frames. */
async function measure(who: string, page: Page): Promise<void> {
  const seen: Uplink[] = [];
  let all: number | undefined;
  const started = Date.now();
  while (Date.now() - started < seconds * 1000) {
    const now = await uplinkOf(page);
    seen.push(now);
    if (all === undefined && names.every((rid) => now.layers[rid])) all = (Date.now() - started) / 1000;
    await page.waitForTimeout(1000);
  }
  const share = (rid: string) => seen.filter(({ layers }) => layers[rid]).length / seen.length;
  const estimates = seen.flatMap(({ estimate }) => (estimate === undefined ? [] : [estimate])).sort((a, b) => a - b);
  const conditions = `${who}; three publishers of 960x540 on this machine, ${seconds} s after the teacher's start`;
  const say = (name: string, value: number | null, unit: string) =>
    console.log(JSON.stringify({ name, value, unit, conditions }));
  say('uplink_layers_live_s', all ?? null, 's');
  for (const rid of names) say(`uplink_layer_ratio_${rid}`, share(rid), 'ratio');
  say('uplink_estimate_median', estimates[Math.floor(estimates.length / 2)] ?? null, 'bit/s');
}
