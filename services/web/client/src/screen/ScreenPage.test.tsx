import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CoreProvider } from '../adapters/core';
import { createCore } from '../core/core';
import { otherRoomId, roomId, teacherId } from '../core/testing/fakeLesson';
import { classroom, FakeServer } from '../core/testing/fakeServer';
import { EndReason, ParticipantRole } from '../gen/tongke/classroom/v1/event_pb';
import { startI18n } from '../i18n';
import { screenAreas } from './areas';
import { ScreenPage } from './ScreenPage';

startI18n(screenAreas, 'zh-CN');

describe('the classroom screen', () => {
  let server: FakeServer;

  beforeEach(() => {
    vi.useFakeTimers();
    server = new FakeServer();
  });
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
  });

  /** Time passes, for the page and for the server, which sends its heartbeats. */
  const pass = (ms = 0) =>
    act(async () => {
      for (let left = ms; left >= 0; left -= 1_000) {
        const step = Math.min(left, 1_000);
        server.serverTimeMs += step;
        server.lesson.heartbeat();
        await vi.advanceTimersByTimeAsync(step);
      }
    });
  const open = async () => {
    render(
      <CoreProvider core={createCore(server.transport)}>
        <ScreenPage />
      </CoreProvider>,
    );
    await pass(100);
  };
  const paired = async (startsInMs: number) => {
    server.who = { case: 'classroom', value: classroom };
    server.plan(startsInMs);
    await open();
  };
  const inLesson = async () => {
    server.lesson.happens({ case: 'lessonStarted', value: {} });
    await paired(-60_000);
    await pass(100);
  };
  const text = (testId: string) => screen.getByTestId(testId).textContent;

  it('shows a pairing code, then the classroom once somebody entered it', async () => {
    await open();
    expect(screen.getByTestId('pairing-code').dataset.code).toBe('CODE10');
    server.claimed = true;
    await pass(2_000);
    expect(screen.getByTestId('screen-waiting').textContent).toContain('一班');
  });

  it('shows a new code when the old one has expired', async () => {
    await open();
    await pass(603_000);
    expect(screen.getByTestId('pairing-code').dataset.code).toBe('CODE11');
  });

  it('counts down to the next lesson in the server’s time, whatever the computer’s clock says', async () => {
    vi.setSystemTime(new Date(2001, 1, 1));
    await paired(3_600_000);
    expect(text('countdown')).toMatch(/^(1:00:00|59:59)$/);
    await pass(60_000);
    expect(text('countdown')).toMatch(/^(59:00|58:59)$/);
  });

  it('shows the campus’s time, whatever zone the computer is set to', async () => {
    await paired(3_600_000); // It is 06:13 in Shanghai.
    const times = [...screen.getByTestId('screen-waiting').querySelectorAll('time')].map((one) => one.textContent);
    expect(times).toEqual(['06:13', '07:13 – 07:53']);
  });

  it('enters the lesson by itself 15 minutes before it starts', async () => {
    await paired(16 * 60_000);
    expect(screen.queryByTestId('screen-live')).toBeNull();
    await pass(62_000);
    await pass(100);
    expect(screen.getByTestId('no-teacher').textContent).toContain('等待老师上课');
    expect(server.lesson.attends).toHaveLength(1);
  });

  it('raises and lowers the hand by the space key, and shows the place in the queue', async () => {
    server.lesson.happens({ case: 'handRaised', value: { participantId: otherRoomId } });
    await inLesson();
    fireEvent.keyDown(window, { code: 'Space' });
    await pass();
    expect(text('hand')).toContain('第 2 位');
    fireEvent.keyDown(window, { code: 'Space' });
    await pass();
    expect(text('hand')).toContain('举手');
  });

  it('shows that it was called on, is on stage and is heard or not', async () => {
    await inLesson();
    expect(text('microphone')).toContain('麦克风已关');
    server.lesson.happens({ case: 'calledOn', value: { participantId: roomId } });
    server.lesson.happens({ case: 'steppedOnStage', value: { participantId: roomId } });
    server.lesson.happens({ case: 'audioChanged', value: { participantId: roomId, open: true } });
    await pass();
    expect(text('on-stage')).toContain('你们在台上');
    expect(text('on-stage')).toContain('老师请你们发言');
    // This computer has no microphone: open is not heard.
    expect(text('microphone')).toContain('没有麦克风，全班听不到你们');
    await pass(10_000);
    expect(text('on-stage')).not.toContain('老师请你们发言');
  });

  it('answers a poll with number keys, and shows the totals when it is closed', async () => {
    await inLesson();
    server.lesson.happens({
      case: 'pollOpened',
      value: { pollId: 'pol_1', question: '对吗？', options: ['对', '错'] },
    });
    await pass();
    for (const key of ['1', '1', '2', '9']) fireEvent.keyDown(window, { key });
    fireEvent.keyDown(window, { key: 'Enter' });
    await pass();
    expect(server.lesson.state().poll?.answers[0]?.counts).toEqual([2, 1]);
    expect(text('poll')).toContain('已提交');
    server.lesson.happens({ case: 'pollClosed', value: { pollId: 'pol_1', totals: [7, 3] } });
    await pass();
    expect(text('poll-result')).toContain('7 人');
    expect(within(screen.getByTestId('poll-result')).getByRole('heading').textContent).toBe('对吗？');
    await pass(21_000);
    expect(screen.queryByTestId('poll-result')).toBeNull();
  });

  it('takes the head-count', async () => {
    await inLesson();
    expect(text('head-count')).toContain('请填人数');
    fireEvent.click(screen.getByTestId('head-count'));
    const card = within(screen.getByTestId('head-count-card'));
    fireEvent.click(card.getByText('+10'));
    fireEvent.click(card.getByText('+'));
    fireEvent.click(screen.getByTestId('head-count-save'));
    await pass();
    expect(text('head-count')).toContain('11 人到课');
  });

  it('shows chat as text, never as markup', async () => {
    await inLesson();
    server.serverTimeMs = 1_700_000_010_000;
    server.lesson.happens({ case: 'chatPosted', value: { text: '<img src=x onerror=alert(1)>' } }, teacherId);
    await pass();
    expect(text('chat-ticker')).toContain('<img src=x onerror=alert(1)>');
    expect(screen.getByTestId('chat-ticker').querySelector('img')).toBeNull();
  });

  it('says that the teacher is reconnecting, and no longer when the teacher is back', async () => {
    await inLesson();
    const participant = { participantId: teacherId, name: '主讲教师', role: ParticipantRole.LEAD_TEACHER };
    server.lesson.happens({ case: 'participantJoined', value: { participant } });
    server.lesson.happens({ case: 'connectionLost', value: { participantId: teacherId } });
    await pass();
    expect(text('teacher-reconnecting')).toContain('老师正在重新连接');
    expect(text('no-teacher')).toBe('');
    server.lesson.happens({ case: 'participantJoined', value: { participant } });
    await pass();
    expect(screen.queryByTestId('teacher-reconnecting')).toBeNull();
  });

  it('names the key of the hand only while it raises a hand, and says whose microphone the teacher muted', async () => {
    await inLesson();
    expect(text('hand')).toContain('空格键');
    server.lesson.happens({ case: 'steppedOnStage', value: { participantId: roomId } });
    server.lesson.happens({
      case: 'audioChanged',
      value: { participantId: roomId, open: false, mutedByTeacher: true },
    });
    await pass();
    expect(text('hand')).not.toContain('空格键');
    expect(text('microphone')).toContain('老师关了你们的麦克风');
  });

  it('says that a lesson was cancelled while it waited, then shows the next one', async () => {
    server.plan(3_600_000, 'lsn_2', '小数');
    await inLesson();
    server.lesson.happens({ case: 'lessonEnded', value: { reason: EndReason.CANCELLED } });
    await pass();
    expect(text('lesson-ended')).toContain('这节课取消了');
    expect(text('lesson-ended')).not.toContain('再见');
    await pass(25_000);
    expect(screen.getByTestId('screen-waiting').textContent).toContain('小数');
  });

  it('says goodbye at the end, then waits for the next lesson', async () => {
    server.plan(3_600_000, 'lsn_2', '小数');
    await inLesson();
    server.lesson.happens({ case: 'lessonEnded', value: {} });
    await pass();
    expect(text('lesson-ended')).toContain('下课了');
    await pass(15_000);
    expect(screen.getByTestId('lesson-ended')).toBeTruthy();
    await pass(10_000);
    expect(screen.getByTestId('screen-waiting').textContent).toContain('小数');
  });

  it('goes back to pairing when its device was revoked', async () => {
    await paired(3_600_000);
    server.who = undefined;
    await pass(21_000);
    await pass(100);
    expect(screen.getByTestId('pairing-code')).toBeTruthy();
  });
});
