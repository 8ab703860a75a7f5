import { Code } from '@connectrpc/connect';
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { faultError } from '../core/testing/fakeLesson';
import { FakePeer } from '../core/testing/fakePeer';
import { Reason } from '../gen/tongke/common/v1/fault_pb';
import { MediaKind } from '../gen/tongke/relay/v1/relay_pb';
import { FakeSchool, lessonId, rooms } from './testing/fakeSchool';
import { openPage } from './testing/openPage';

const [first, second] = rooms.map((room) => room.id) as [string, string];

/** A worker that never ticks. */
class SilentWorker {
  postMessage(): void {}
  terminate(): void {}
}

async function liveLesson(): Promise<FakeSchool> {
  const school = new FakeSchool();
  school.start();
  openPage(school, `/lesson/${lessonId}`);
  await screen.findByTestId('live');
  return school;
}

/** A live lesson in which the test plays the relay. */
async function lessonWithMedia(person?: string): Promise<void> {
  vi.stubGlobal('RTCPeerConnection', FakePeer);
  vi.stubGlobal('RTCRtpReceiver', { getCapabilities: () => null });
  vi.stubGlobal('Worker', SilentWorker);
  vi.stubGlobal('MediaStream', class {});
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue();
  const school = new FakeSchool();
  if (person) school.person.id = person;
  school.relay = true;
  school.start();
  openPage(school, `/lesson/${lessonId}`);
  await screen.findByTestId('live');
  await waitFor(() => expect(FakePeer.last.answer).toBe('answer'));
}

function raise(school: FakeSchool, ...ids: string[]): void {
  act(() => {
    for (const participantId of ids) school.happens({ case: 'handRaised', value: { participantId } });
  });
}

function handsShown(): (string | undefined)[] {
  return screen.queryAllByTestId('hand').map((hand) => hand.dataset.participant);
}

describe('LessonPage', () => {
  it('waits until the lead teacher starts, then is live', async () => {
    const school = new FakeSchool();
    school.arrives(first);
    openPage(school, `/lesson/${lessonId}`);
    await screen.findByTestId('waiting');
    expect(screen.getAllByTestId('waiting-room').map((one) => one.dataset.presence)).toEqual(['PRESENT', 'ABSENT']);
    fireEvent.click(screen.getByTestId('start-lesson'));
    await screen.findByTestId('live');
    expect(school.called('startLesson')).toHaveLength(1);
  });

  it('calls on a hand of the queue with one command, and the room comes on stage', async () => {
    const school = await liveLesson();
    raise(school, second, first);
    await waitFor(() => expect(handsShown()).toEqual([second, first]));
    const hands = screen.getAllByTestId('hand');
    fireEvent.click(within(hands[1] as HTMLElement).getByTestId('call-on'));
    fireEvent.click(within(hands[1] as HTMLElement).getByTestId('call-on'));
    await waitFor(() =>
      expect(screen.getAllByTestId('stage-picture').map((one) => one.dataset.participant)).toContain(first),
    );
    expect(school.called('callOn')).toMatchObject([{ participantId: first }]);
    expect(handsShown()).toEqual([second]);
  });

  it('says raised hands to screen readers', async () => {
    const school = await liveLesson();
    raise(school, second);
    expect(await screen.findByText('有 1 间教室举手，第一位是 三年级二班')).toBeTruthy();
  });

  it('calls on the first hand by the H key, but not while somebody types', async () => {
    const school = await liveLesson();
    raise(school, second, first);
    await waitFor(() => expect(handsShown()).toEqual([second, first]));
    fireEvent.keyDown(screen.getByTestId('chat-input'), { key: 'h' });
    expect(school.called('callOn')).toEqual([]);
    fireEvent.keyDown(document.body, { key: 'h' });
    await waitFor(() => expect(school.called('callOn')).toMatchObject([{ participantId: second }]));
  });

  it('hears the H key also after somebody chose a tab', async () => {
    const school = await liveLesson();
    raise(school, first);
    await waitFor(() => expect(handsShown()).toEqual([first]));
    fireEvent.click(screen.getByTestId('tab-poll'));
    const chosen = screen.getAllByRole('radio').find((one) => (one as HTMLInputElement).checked) as HTMLElement;
    fireEvent.keyDown(chosen, { key: 'h' });
    await waitFor(() => expect(school.called('callOn')).toMatchObject([{ participantId: first }]));
  });

  it('shows chat as text, whatever it contains', async () => {
    const school = await liveLesson();
    act(() => {
      school.happens({ case: 'chatPosted', value: { text: '<img src=x onerror=alert(1)>' } }, first);
    });
    const lines = screen.getByTestId('chat-lines');
    await within(lines).findByText('<img src=x onerror=alert(1)>');
    expect(lines.querySelector('img')).toBeNull();
  });

  it('opens a poll from a preset, counts answers by room, and shows the totals once closed', async () => {
    const school = await liveLesson();
    fireEvent.click(screen.getByTestId('tab-poll'));
    fireEvent.click(screen.getByText('ABCD'));
    fireEvent.change(screen.getByTestId('poll-question'), { target: { value: '四分之一是哪个？' } });
    fireEvent.click(screen.getByTestId('poll-open'));
    await screen.findByText('四分之一是哪个？');
    expect(school.called('openPoll')).toMatchObject([{ question: '四分之一是哪个？', options: ['A', 'B', 'C', 'D'] }]);
    act(() => {
      school.happens({ case: 'pollAnswered', value: { pollId: 'pol_1', participantId: first, counts: [3, 20, 0, 1] } });
      school.happens({ case: 'pollAnswered', value: { pollId: 'pol_1', participantId: second, counts: [1, 4, 0, 0] } });
    });
    const totals = () => screen.getAllByTestId('poll-total').map((one) => one.textContent);
    await waitFor(() => expect(totals()).toEqual(['4', '24', '0', '1']));
    fireEvent.click(screen.getByTestId('poll-close'));
    await screen.findByText('投票已结束');
    expect(totals()).toEqual(['4', '24', '0', '1']);
    fireEvent.click(screen.getByTestId('poll-next'));
    await screen.findByTestId('poll-open');
  });

  it('says that a newer window took over, and comes back when asked', async () => {
    const school = await liveLesson();
    act(() => school.cut(faultError(Code.Aborted, Reason.SUPERSEDED)));
    await screen.findByTestId('superseded');
    fireEvent.click(screen.getByTestId('take-over'));
    await screen.findByTestId('live');
    expect(school.called('attend')).toMatchObject([{ takeOver: true }, { takeOver: true }]);
  });

  it('says “您已静音” as soon as the microphone is closed', async () => {
    const school = await liveLesson();
    fireEvent.click(screen.getByTestId('toggle-mic'));
    await waitFor(() => expect(school.called('setAudio')).toMatchObject([{ participantId: 'psn_t', open: false }]));
    await waitFor(() => expect(screen.getByTestId('toggle-mic').textContent).toContain('取消静音'));
  });

  it('lets a person who does not lead only look and listen', async () => {
    const school = new FakeSchool();
    school.person.id = 'psn_other'; // A teacher too, but not of this lesson.
    school.start();
    school.happens({ case: 'handRaised', value: { participantId: first } });
    openPage(school, `/lesson/${lessonId}`);
    await screen.findByTestId('live');
    expect(screen.queryByTestId('call-on')).toBeNull();
    expect(screen.queryByTestId('end-lesson')).toBeNull();
    expect(screen.queryByTestId('chat-input')).toBeNull();
  });

  it('shows who only listens a room’s counts when the poll is closed, and before that who answered', async () => {
    const school = new FakeSchool();
    school.person.id = 'psn_other';
    school.start();
    school.happens({ case: 'pollOpened', value: { pollId: 'pol_1', question: '对吗？', options: ['对', '错'] } });
    openPage(school, `/lesson/${lessonId}`);
    await screen.findByTestId('live');
    fireEvent.click(screen.getByTestId('tab-poll'));
    await screen.findByText('对吗？');
    const rows = () => screen.getAllByTestId('poll-room').map((one) => one.querySelector('td')?.textContent);
    const totals = () => screen.getAllByTestId('poll-total').map((one) => one.textContent);
    act(() => {
      school.happens({ case: 'pollAnswered', value: { pollId: 'pol_1', participantId: first } });
    });
    await waitFor(() => expect(rows()).toEqual(['已回答', '未回答']));
    expect(totals()).toEqual(['–', '–']);
    const answers = [{ pollId: 'pol_1', participantId: first, counts: [7, 3] }];
    act(() => {
      school.happens({ case: 'pollClosed', value: { pollId: 'pol_1', totals: [7, 3], answers } });
    });
    await waitFor(() => expect(rows()).toEqual(['对 7　错 3', '未回答']));
    expect(totals()).toEqual(['7', '3']);
  });

  it('ends only after a confirmation, and then shows the summary', async () => {
    const school = await liveLesson();
    fireEvent.click(screen.getByTestId('end-lesson'));
    const dialog = await screen.findByRole('dialog');
    expect(school.called('endLesson')).toEqual([]);
    fireEvent.click(within(dialog).getByRole('button', { name: '下课' }));
    await screen.findByTestId('summary');
    expect(school.called('endLesson')).toHaveLength(1);
  });

  it.each(['psn_t', 'psn_other'])(
    'shows %s the screen that an encoder shares, as the classrooms see it',
    async (person) => {
      await lessonWithMedia(person);
      const large = () => screen.getAllByTestId('stage-picture').map((one) => one.dataset.participant)[0];
      const fill = (participantId: string, generation: bigint) =>
        act(() =>
          FakePeer.last.receive({
            case: 'slotChanged',
            value: { slotId: 'video1', participantId, kind: MediaKind.SCREEN, generation },
          }),
        );
      act(() => FakePeer.last.greet());
      expect(large()).toBe('psn_t');
      fill('mtk_encoder', 1n);
      await waitFor(() => expect(large()).toBe('mtk_encoder'));
      expect(screen.getByText('共享的屏幕')).toBeTruthy();
      fill('', 2n);
      await waitFor(() => expect(large()).toBe('psn_t'));
    },
  );

  it('says plainly that media goes over TCP, and which port to ask for; read once, a mark stays', async () => {
    await lessonWithMedia();
    FakePeer.last.stats = [
      { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
      { id: 'P', type: 'candidate-pair', remoteCandidateId: 'R' },
      { id: 'R', type: 'remote-candidate', protocol: 'tcp', port: 7882 },
    ];
    act(() => FakePeer.last.greet());
    const banner = await screen.findByTestId('banner-over-tcp');
    expect(banner.textContent).toBe('音视频正通过 TCP 传输，声音可能断续。请网络管理员放行 UDP 端口 7882。');
    fireEvent.click(within(banner).getByRole('button'));
    await waitFor(() => expect(screen.queryByTestId('banner-over-tcp')).toBeNull());
    expect(screen.getByTestId('over-tcp').title).toContain('7882');
  });
});
