// Devices without a browser: the teacher gives them a token, sees what they do, and takes it from them again.
import { expect, type Page, test } from '@playwright/test';
import { phone } from './support/browsers';
import { journey } from './support/journey';
import { type Given, playerPicture, publishBy, transportOf, watchBy } from './support/program';
import { part, startLesson, takePicture } from './support/school';
import { expectPicture } from './support/witness';

const names = { player: '会议室电视', encoder: '报告厅录播主机' };

test.describe('external devices', () => {
  const its = journey();
  let teacher: Page;
  let player: Page;
  let encoder: Page;
  let toWatch: Given;
  let toPublish: Given;

  test.beforeAll(async () => {
    const permissions = ['camera', 'microphone', 'clipboard-read', 'clipboard-write'];
    teacher = (await its.school.teacher({ who: 'teacher', permissions })).page;
    await startLesson(teacher);
    encoder = (await its.school.somebody({ who: 'room1' })).page;
    await encoder.goto('/login');
    player = (await its.school.somebody()).page;
    await player.goto('/login');
  });

  test('get a token that is shown once and can be copied', async () => {
    await teacher.getByTestId('external').click();
    await expect(teacher.getByTestId('empty')).toContainText('还没有外部设备');
    await takePicture(teacher, 'external-empty');
    toWatch = await issue(teacher, 'watch', names.player);
    expect(new URL(toWatch.address).pathname).toMatch(/^\/whep\//);
    await teacher.getByTestId('copy-secret').click();
    await expect(teacher.getByTestId('copy-secret')).toContainText('已复制');
    expect(await teacher.evaluate(() => navigator.clipboard.readText())).toBe(toWatch.secret);
    await takePicture(teacher, 'external-issued');
    await teacher.getByTestId('issued-done').click();
    await expect(rowOf(teacher, names.player)).toHaveAttribute('data-state', 'unused');
    expect(await teacher.content()).not.toContain(toWatch.secret);
  });

  test('watch the lesson with it', async () => {
    expect(await watchBy(player, toWatch)).toBe(201);
    await expectPicture(player, playerPicture, 'teacher');
    await expect(rowOf(teacher, names.player)).toHaveAttribute('data-state', 'inUse');
  });

  test('publish into the lesson, and come on stage', async () => {
    toPublish = await issue(teacher, 'camera', names.encoder);
    await takePicture(teacher, 'external-issued-publish');
    await teacher.getByTestId('issued-done').click();
    expect(await publishBy(encoder, toPublish)).toBe(201);
    await rowOf(teacher, names.encoder).getByTestId('external-stage').click();
    await expectPicture(teacher, `${part('stage-picture')} video`, 'room1');
    await takePicture(teacher, 'external-list');
  });

  test('are listed on the operator’s board, where a token can be revoked too', async () => {
    const operator = await its.school.guest('operator');
    await operator.getByTestId('external').first().click();
    await expect(rowOf(operator, names.encoder)).toContainText('使用中');
    await takePicture(operator, 'external-operator');
    await revoke(operator, names.encoder);
    await expect.poll(() => transportOf(encoder), { timeout: 5_000 }).toBe('closed');
    expect(await publishBy(encoder, toPublish)).toBe(401);
    await expect(rowOf(teacher, names.encoder)).toHaveAttribute('data-state', 'revoked');
  });

  test('are cut off when the teacher revokes their token, and refused from then on', async () => {
    expect(await transportOf(player)).toBe('connected');
    await revoke(teacher, names.player);
    await expect.poll(() => transportOf(player), { timeout: 5_000 }).toBe('closed');
    expect(await watchBy(player, toWatch)).toBe(401);
    await expect(rowOf(teacher, names.player)).toHaveAttribute('data-state', 'revoked');
  });

  test('are handled on a phone without scrolling sideways', async () => {
    await teacher.setViewportSize(phone);
    await expect(rowOf(teacher, names.player)).toBeVisible();
    await takePicture(teacher, 'external-phone-list');
    await teacher.getByTestId('new-token').click();
    await takePicture(teacher, 'external-phone-form');
    await teacher.getByTestId('issue-cancel').click();
    await issue(teacher, 'screen', '展台');
    await takePicture(teacher, 'external-phone-issued');
    expect(await teacher.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
});

function rowOf(page: Page, name: string) {
  return page.getByTestId('token').filter({ hasText: name });
}

/** Fills in the form, and reads what a person would carry to the device. */
async function issue(page: Page, purpose: string, name: string): Promise<Given> {
  await page.getByTestId('new-token').click();
  await page.getByTestId(`purpose-${purpose}`).check();
  await page.getByTestId('external-name').fill(name);
  await page.getByTestId('issue').click();
  return {
    address: await page.getByTestId('address').inputValue(),
    secret: await page.getByTestId('secret').inputValue(),
  };
}

/** Presses the button and says yes when asked. */
async function revoke(page: Page, name: string): Promise<void> {
  await rowOf(page, name).getByTestId('revoke').click();
  await page.getByRole('tooltip').getByRole('button', { name: '撤销' }).click();
}
