// A classroom behind a bad line, watching each codec: a loss that a lesson does not notice, and a line so narrow that
// the picture has to give way to the sound.
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { FrameCounter, type Showing } from './support/counting';
import { arrivingIn, concealedBetween, soundOf } from './support/downlink';
import { journey } from './support/journey';
import { Listener } from './support/listening';
import { people, picture } from './support/media';
import type { Conditions } from './support/mediaLine';
import { part, startLesson } from './support/school';
import { sendAs, shareSlides, slides, type VideoCodec } from './support/sources';
import { expectHears } from './support/witness';

const delayMs = 30;
const good: Conditions = { delayMs };
const lossy: Conditions = { delayMs, loss: 0.05 };
const narrow: Conditions = { delayMs, rate: 400_000 };

const journeys: { codec: VideoCodec; what: 'camera' | 'screen' }[] = [
  { codec: 'VP8', what: 'camera' },
  { codec: 'H264', what: 'camera' },
  { codec: 'VP9', what: 'screen' },
  { codec: 'AV1', what: 'screen' },
];

/** Two cores encode, carry, decode and draw everything. */
const small = { width: 1024, height: 640 };
/** A busy computer keeps the player waiting for this long; what did not arrive counts as made up, however short. */
const shortMs = 300;

for (const { codec, what } of journeys) {
  test.describe(`a ${what} as ${codec} over a bad line`, () => {
    const its = journey({ badNetwork: true });
    const seen = part(what === 'camera' ? 'picture-teacher' : 'picture-content');
    const { rgb, height } = what === 'camera' ? { ...people.teacher, ...picture } : slides;
    let room: Page;
    /** The classroom's media. */
    let line: string[];
    let frames: FrameCounter;
    let sound: Listener;
    /** New pictures per second on a good line. */
    let usual: number;

    test.beforeAll(async () => {
      const before = async (context: BrowserContext) => {
        await sendAs(context, codec);
        await shareSlides(context);
      };
      const teacher = (await its.school.teacher({ who: 'teacher', viewport: small, before })).page;
      await expect(teacher.getByTestId('media-state')).toContainText('已连通');
      const others = its.network.media.flows();
      room = (await its.school.screen('room1', { who: undefined, viewport: small, measured: true })).page;
      await expect(room.getByTestId('screen-live')).toHaveAttribute('data-media', 'connected');
      line = [...its.network.media.flows()].filter((flow) => !others.has(flow));
      its.network.media.impair(line, good);
      await startLesson(teacher);
      if (what === 'screen') {
        await teacher.getByTestId('toggle-camera').click();
        await teacher.getByTestId('toggle-share').click();
      }
      await expectHears(room, ['teacher']);
      frames = await FrameCounter.of(room, seen, rgb);
      sound = await Listener.to(room, 'teacher');
      await expect.poll(async () => (await frames.last(1_000)).heights, { timeout: 40_000 }).toEqual([height]);
      expect((await arrivingIn(room, seen)).codec).toBe(`video/${codec}`);
      usual = (await frames.next(5_000)).rate;
      expect(usual).toBeGreaterThan(3);
    });

    test('loses nothing that is seen or heard where 5 % is lost', async () => {
      its.network.media.impair(line, lossy);
      await frames.next(3_000); // until the relay knows of the loss
      const [heardBefore, { repaired }] = [await soundOf(room), await arrivingIn(room, seen)];
      const shown = await frames.next(10_000);
      const heard = await sound.last(10_000);
      const concealed = concealedBetween(heardBefore, await soundOf(room));
      its.network.media.impair(line, good);
      tell('at 5 % loss', shown, heard.longestGapMs, concealed);

      expect((await arrivingIn(room, seen)).repaired).toBeGreaterThan(repaired);
      expect(shown.rate).toBeGreaterThan(0.6 * usual);
      expect(shown.longestMs).toBeLessThan(1_000);
      expect(shown.strange).toBe(0);
      expect(heard.attention).toBeGreaterThan(0.7);
      expect(heard.longestGapMs).toBeLessThan(shortMs);
      expect(concealed).toBeLessThan(0.05);
    });

    test('gives way to the sound where no more than 400 kbit/s fit, and is back after that', async () => {
      const degraded = (shown: Showing) => !shown.heights.includes(height) || shown.rate < usual / 2;
      its.network.media.impair(line, narrow, good);
      const narrowedMs = Date.now();
      await expect.poll(async () => degraded(await frames.last(1_000))).toBe(true);
      const heardBefore = await soundOf(room);
      const shown = await frames.next(8_000);
      const concealed = concealedBetween(heardBefore, await soundOf(room));
      const heard = await sound.last(Date.now() - narrowedMs);
      its.network.media.impair(line, good);
      const endedMs = Date.now();
      tell('at 400 kbit/s', shown, heard.longestGapMs, concealed);

      expect(degraded(shown)).toBe(true);
      expect(shown.strange).toBe(0);
      if (what === 'camera') expect(shown.longestMs).toBeLessThan(2_000); // its smallest layer goes on
      expect(heard.attention).toBeGreaterThan(0.7);
      expect(heard.longestGapMs).toBeLessThan(shortMs);
      expect(concealed).toBeLessThan(0.02);

      const asBefore = async () => {
        const { heights, rate } = await frames.last(1_000);
        return heights.every((one) => one === height) && rate > 0.6 * usual;
      };
      await expect.poll(asBefore, { timeout: 20_000, intervals: [250] }).toBe(true);
      console.log(`${codec}: as before ${Date.now() - endedMs} ms after the narrow line`);
    });

    function tell(where: string, { rate, heights, longestMs, back }: Showing, gapMs: number, concealed: number): void {
      console.log(
        `${codec} ${where}: ${rate.toFixed(1)} of ${usual.toFixed(1)} pictures a second, ${heights.join(' and ')} high, ` +
          `at most ${longestMs} ms apart, ${back} steps back; ${gapMs.toFixed(0)} ms without the tone, ` +
          `${(100 * concealed).toFixed(1)} % of the sound made up`,
      );
    }
  });
}
