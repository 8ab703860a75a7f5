import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { Code } from '@connectrpc/connect';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { faultError } from '../../core/testing/fakeLesson';
import { LessonPhase, MediaPicture, MediaUse } from '../../gen/tongke/classroom/v1/event_pb';
import { HealthLight } from '../../gen/tongke/classroom/v1/health_pb';
import { MediaTokenSchema } from '../../gen/tongke/classroom/v1/media_token_pb';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import { Role } from '../../gen/tongke/common/v1/rule_pb';
import { FakeSchool, lessonId, teacher } from '../testing/fakeSchool';
import { openPage } from '../testing/openPage';

/** What the browser has of a clipboard; none on plain HTTP. */
function clipboard(value: Pick<Clipboard, 'writeText'> | undefined): void {
  Object.defineProperty(navigator, 'clipboard', { configurable: true, value });
}
afterEach(() => clipboard(undefined));

function issued(school: FakeSchool, token: MessageInitShape<typeof MediaTokenSchema>): void {
  school.tokens.push(create(MediaTokenSchema, token));
}

/** The dialog as the lead teacher opens it in a lesson that has started. */
async function opened(prepare: (school: FakeSchool) => void = () => undefined): Promise<FakeSchool> {
  const school = new FakeSchool();
  school.start();
  prepare(school);
  openPage(school, `/lesson/${lessonId}`);
  fireEvent.click(await screen.findByTestId('external'));
  await screen.findByTestId('external-devices');
  return school;
}

async function issue(purpose: string, name: string): Promise<void> {
  fireEvent.click(await screen.findByTestId('new-token'));
  fireEvent.click(within(screen.getByTestId(`purpose-${purpose}`).closest('label') as HTMLElement).getByRole('radio'));
  fireEvent.change(screen.getByTestId('external-name'), { target: { value: name } });
  fireEvent.click(screen.getByTestId('issue'));
}

const shownIn = (id: string) => (screen.getByTestId(id) as HTMLInputElement).value;

describe('the dialog of external devices', () => {
  it('says that there is none, and how one comes in', async () => {
    await opened();
    expect((await screen.findByTestId('empty')).textContent).toContain('还没有外部设备');
  });

  it('shows a secret once, with the address for its purpose', async () => {
    const school = await opened();
    await issue('watch', ' 会议室电视 ');
    await screen.findByTestId('issued');
    expect(school.called('issueMediaToken')).toMatchObject([
      { lessonId, name: '会议室电视', use: MediaUse.WATCH, picture: MediaPicture.UNSPECIFIED },
    ]);
    expect(shownIn('secret')).toBe('secret-mtk_1');
    expect(shownIn('address')).toBe(`${location.origin}/whep/${lessonId}`);
    fireEvent.click(screen.getByTestId('issued-done'));
    expect((await screen.findByTestId('token')).textContent).toContain('会议室电视');
    expect(document.body.innerHTML).not.toContain('secret-mtk_1');
  });

  it('asks for a screen where the picture is one', async () => {
    const school = await opened();
    await issue('screen', '展台');
    await screen.findByTestId('issued');
    expect(school.called('issueMediaToken')).toMatchObject([
      { use: MediaUse.PUBLISH, picture: MediaPicture.SCREEN, name: '展台' },
    ]);
    expect(shownIn('address')).toBe(`${location.origin}/whip/${lessonId}`);
  });

  it('issues nothing without a name', async () => {
    const school = await opened();
    await issue('camera', '   ');
    await screen.findByText('请填写设备名称');
    expect(school.called('issueMediaToken')).toEqual([]);
  });

  it('does not vanish by Escape while it shows a secret', async () => {
    await opened();
    await issue('camera', '录播主机');
    await screen.findByTestId('issued');
    fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Escape' });
    expect(shownIn('secret')).toBe('secret-mtk_1');
  });

  it('copies, and selects the text where the browser does not let it', async () => {
    const written: string[] = [];
    clipboard({ writeText: async (text) => void written.push(text) });
    await opened();
    await issue('camera', '录播主机');
    fireEvent.click(await screen.findByTestId('copy-secret'));
    await waitFor(() => expect(screen.getByTestId('copy-secret').textContent).toContain('已复制'));
    expect(written).toEqual(['secret-mtk_1']);

    clipboard(undefined);
    fireEvent.click(screen.getByTestId('copy-address'));
    await screen.findByText('浏览器不允许自动复制，已选中，请按 Ctrl+C。');
    const address = screen.getByTestId('address') as HTMLInputElement;
    expect([address.selectionStart, address.selectionEnd]).toEqual([0, address.value.length]);
  });

  it('says who issued a token, what for, and whether it is used', async () => {
    await opened((school) => {
      issued(school, { tokenId: 'a', name: '甲', use: MediaUse.PUBLISH, issuedBy: teacher.id, inUse: true });
      issued(school, { tokenId: 'b', name: '乙', use: MediaUse.WATCH, issuedBy: 'psn_somebody' });
      issued(school, { tokenId: 'c', name: '丙', use: MediaUse.WATCH, issuedBy: teacher.id, revoked: true });
    });
    const rows = await screen.findAllByTestId('token');
    expect(rows.map((row) => row.dataset.state)).toEqual(['unused', 'inUse', 'revoked']);
    expect(rows[0]?.textContent).toContain('运维，');
    expect(rows[1]?.textContent).toContain('推流，当作摄像头 · 我，');
    expect(within(rows[2] as HTMLElement).queryByTestId('revoke')).toBeNull();
  });

  it('brings an encoder that is connected on stage', async () => {
    const school = await opened((school) => {
      issued(school, { tokenId: 'a', name: '甲', use: MediaUse.PUBLISH, issuedBy: teacher.id, inUse: true });
      issued(school, { tokenId: 'b', name: '乙', use: MediaUse.WATCH, issuedBy: teacher.id, inUse: true });
    });
    fireEvent.click(await screen.findByTestId('external-stage'));
    await waitFor(() => expect(school.called('setStage')).toMatchObject([{ participantId: 'a', onStage: true }]));
  });

  it('revokes after a question', async () => {
    const school = await opened((school) =>
      issued(school, { tokenId: 'a', name: '甲', use: MediaUse.WATCH, issuedBy: teacher.id, inUse: true }),
    );
    fireEvent.click(await screen.findByTestId('revoke'));
    await screen.findByText('设备会立刻断开，这个凭证不能再用。');
    expect(school.called('revokeMediaToken')).toEqual([]);
    fireEvent.click(within(screen.getByRole('tooltip')).getByRole('button', { name: '撤销' }));
    await waitFor(() => expect(screen.getByTestId('token').dataset.state).toBe('revoked'));
    expect(school.called('revokeMediaToken')).toMatchObject([{ lessonId, tokenId: 'a' }]);
  });

  it('says in words why something was refused', async () => {
    const school = await opened((school) =>
      issued(school, { tokenId: 'a', name: '甲', use: MediaUse.WATCH, issuedBy: teacher.id }),
    );
    school.failures.set('issueMediaToken', faultError(Code.ResourceExhausted, Reason.RESOURCE_EXHAUSTED));
    await issue('watch', '第六十五个');
    await screen.findByText('这节课已签发 64 个凭证，不能再多了。');
    school.failures.set('issueMediaToken', faultError(Code.FailedPrecondition, Reason.LESSON_ENDED));
    fireEvent.click(screen.getByTestId('issue'));
    await screen.findByText('课已经结束了。');
  });

  it('shows what it knew when the list cannot be read any more, and a way to try again when it knew nothing', async () => {
    const school = await opened((school) =>
      school.failures.set('listMediaTokens', faultError(Code.Unavailable, Reason.UNAVAILABLE)),
    );
    await screen.findByTestId('load-error');
    issued(school, { tokenId: 'a', name: '甲', use: MediaUse.WATCH, issuedBy: teacher.id });
    fireEvent.click(screen.getByRole('button', { name: '重试' }));
    await screen.findByTestId('token');
  });

  it('is the operator’s too, on the board', async () => {
    const school = new FakeSchool();
    school.person.roles = [Role.OPERATOR];
    school.person.id = 'psn_operator';
    school.health = [
      {
        lessonId,
        title: '认识分数',
        light: HealthLight.GREEN,
        phase: LessonPhase.LIVE,
        participants: [{ participantId: teacher.id, name: '王老师', light: HealthLight.GREEN }],
      },
    ];
    issued(school, { tokenId: 'a', name: '甲', use: MediaUse.PUBLISH, issuedBy: teacher.id, inUse: true });
    openPage(school, '/operator');
    fireEvent.click(await screen.findByTestId('external'));
    expect((await screen.findByTestId('token')).textContent).toContain('王老师，');
    expect(screen.queryByTestId('external-stage')).toBeNull();
    expect(school.called('listMediaTokens')[0]).toMatchObject({ lessonId });
  });
});
