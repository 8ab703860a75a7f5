// The teacher shares a screen: it is large in the classroom, and the teacher is large again when it is over.
import { expect, type Page, test } from '@playwright/test';
import { journey } from './support/journey';
import { pagesOf, part, startLesson, takePicture } from './support/school';
import { expectPicture } from './support/witness';

/** What a browser with fake devices shares: a dark green screen with a lighter disc that fills and empties. */
const shared = { background: [0, 136, 0], at: { x: 0.3, y: 0.2 } };

test.describe('a shared screen', () => {
  const its = journey();
  let teacher: Page;
  let room: Page;

  test.beforeAll(async () => {
    [teacher, room] = await pagesOf(its.school.teacher(), its.school.screen('room1'));
    await startLesson(teacher);
    await expectPicture(room, part('picture-teacher'), 'teacher');
  });

  test('reaches the classroom, large, with the teacher beside it', async () => {
    await teacher.getByTestId('toggle-share').click();
    await expect(teacher.getByTestId('own-screen')).toBeVisible();
    await expectShared(room, part('picture-content'));
    await expect.poll(() => widthOf(room, part('picture-content'))).toBeGreaterThan(1920 * 0.6);
    await expectPicture(room, part('picture-teacher'), 'teacher');
    await expect.poll(() => widthOf(room, part('picture-teacher'))).toBeLessThan(1920 * 0.3);
    await takePicture(teacher, 'teacher-sharing');
    await takePicture(room, 'screen-shared-content');
  });

  test('leaves the place to the teacher when it is stopped', async () => {
    await teacher.getByTestId('toggle-share').click();
    await expect(room.getByTestId('picture-content')).toHaveCount(0);
    await expectPicture(room, part('picture-teacher'), 'teacher');
    await expect.poll(() => widthOf(room, part('picture-teacher'))).toBeGreaterThan(1920 * 0.6);
  });

  test('can be shared again in the same lesson', async () => {
    await teacher.getByTestId('toggle-share').click();
    await expectShared(room, part('picture-content'));
  });
});

async function widthOf(page: Page, selector: string): Promise<number> {
  return (await page.locator(selector).boundingBox())?.width ?? 0;
}

/** Waits until a picture shows the shared screen and it has changed several times. */
async function expectShared(page: Page, selector: string): Promise<void> {
  const seen = new Set<string>();
  await expect
    .poll(
      async () => {
        const now = await readShared(page, selector);
        if (now && now.distance < 60) seen.add(now.disc);
        return seen.size;
      },
      { message: 'different pictures of the shared screen', intervals: [200] },
    )
    .toBeGreaterThanOrEqual(4);
}

/** How far a picture's background is from that of the shared screen, and what its disc looks like. */
async function readShared(page: Page, selector: string): Promise<{ distance: number; disc: string } | null> {
  return page.evaluate(
    ({ selector, background, at }) => {
      const video = document.querySelector<HTMLVideoElement>(selector);
      const context = document.createElement('canvas').getContext('2d');
      if (!video?.videoWidth || !context) return null;
      context.drawImage(video, 0, 0, 160, 90);
      const pixel = context.getImageData(160 * at.x, 90 * at.y, 1, 1).data;
      const distance = Math.hypot(...background.map((c, i) => c - (pixel[i] ?? 0)));
      const light = [...Array(24).keys()].map((i) => {
        const angle = (i * Math.PI) / 12;
        const [, green = 0] = context.getImageData(80 + 12 * Math.cos(angle), 45 + 12 * Math.sin(angle), 1, 1).data;
        return green > 190 ? 1 : 0;
      });
      return { distance, disc: light.join('') };
    },
    { selector, ...shared },
  );
}
