// No camera, no microphone, no permission: the lesson goes on with what there is and says so in plain words.
import { expect, type Page, test } from '@playwright/test';
import { journey } from './support/journey';
import { pagesOf, part, rooms, startLesson, takePicture } from './support/school';
import { expectHears, expectPicture } from './support/witness';

test.describe('classrooms whose devices do not work', () => {
  const its = journey();
  let teacher: Page;
  let bare: Page;
  let denied: Page;

  test.beforeAll(async () => {
    [teacher, bare, denied] = await pagesOf(
      its.school.teacher(),
      its.school.screen('room1', { who: undefined }),
      its.school.screen('room2', { strict: true }),
    );
    await startLesson(teacher);
  });

  test('without camera and microphone a classroom sees and hears the teacher, and says what is missing', async () => {
    await expectPicture(bare, part('picture-teacher'), 'teacher');
    await expectHears(bare, ['teacher']);
    await expect(bare.getByTestId('screen-live')).toContainText('没有摄像头');
    await expect(bare.getByTestId('microphone')).toContainText('没有麦克风');
    await takePicture(bare, 'screen-no-devices');
  });

  test('where the browser does not allow them, the screen says that', async () => {
    await expectPicture(denied, part('picture-teacher'), 'teacher');
    await expect(denied.getByTestId('screen-live')).toContainText('浏览器不允许使用摄像头');
    await expect(denied.getByTestId('microphone')).toContainText('浏览器不允许使用麦克风');
    await takePicture(denied, 'screen-denied');
  });

  test('such a classroom takes part: it raises its hand and is told that nobody would hear it', async () => {
    await bare.keyboard.press('Space');
    await teacher.getByTestId('call-on').click();
    await expect(bare.getByTestId('on-stage')).toBeVisible();
    await expect(bare.getByTestId('microphone')).toContainText('全班听不到你们');
    const stage = teacher.locator(`${part('stage-picture')}[data-participant="${rooms.room1.id}"]`);
    await expect(stage).toContainText('没有画面');
    await takePicture(teacher, 'teacher-room-without-picture');
  });
});

test.describe('a teacher without camera and microphone', () => {
  const its = journey();
  let teacher: Page;
  let room: Page;

  test.beforeAll(async () => {
    [teacher, room] = await pagesOf(its.school.teacher({}), its.school.screen('room1'));
  });

  test('is told before the lesson what that means', async () => {
    await expect(teacher.getByTestId('camera-problem')).toContainText('没有找到摄像头');
    await expect(teacher.getByTestId('microphone-problem')).toContainText('没有找到麦克风');
    await takePicture(teacher, 'teacher-no-devices');
  });

  test('can teach all the same', async () => {
    await startLesson(teacher);
    await expect(teacher.getByTestId('mic-state')).toContainText('没有麦克风，全班听不到您');
    await expectPicture(teacher, part(`picture-${rooms.room1.id}`), 'room1');
    await expect(room.getByTestId('no-teacher')).toContainText('老师没有开摄像头');
    await room.keyboard.press('Space');
    await teacher.getByTestId('call-on').click();
    await expectHears(teacher, ['room1']);
  });
});
