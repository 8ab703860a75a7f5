import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { LessonPhase } from '../gen/tongke/classroom/v1/event_pb';
import { Finding, HealthLight, Hop, LineCause } from '../gen/tongke/classroom/v1/health_pb';
import { Role } from '../gen/tongke/common/v1/rule_pb';
import { FakeSchool } from './testing/fakeSchool';
import { openPage } from './testing/openPage';

const start = timestampFromMs(1_700_000_000_000);

async function board(health: FakeSchool['health']): Promise<void> {
  const school = new FakeSchool();
  school.person.roles = [Role.OPERATOR];
  school.health = health;
  openPage(school, '/operator');
  await screen.findByText('课堂监看');
}

describe('OperatorPage', () => {
  it('shows absence before everything else, and the worst lesson first', async () => {
    await board([
      {
        lessonId: 'lossy',
        title: '数学',
        light: HealthLight.RED,
        phase: LessonPhase.LIVE,
        startsAt: start,
        participants: [
          {
            participantId: 'a',
            name: '一班',
            light: HealthLight.RED,
            finding: Finding.LOSS_UP,
            hop: Hop.ACCESS,
            lossUp: 0.12,
            lossDown: 0,
          },
        ],
      },
      {
        lessonId: 'absent',
        title: '语文',
        light: HealthLight.RED,
        phase: LessonPhase.WAITING,
        startsAt: start,
        participants: [
          { participantId: 'c', name: '主讲教师', light: HealthLight.GREEN, finding: Finding.NONE },
          { participantId: 'b', name: '二班', light: HealthLight.RED, finding: Finding.EXPECTED_BUT_ABSENT },
        ],
      },
    ]);
    const absence = await screen.findByTestId('absence');
    expect(absence.textContent).toContain('二班');
    const cards = screen.getAllByTestId('lesson-card');
    expect(cards.map((card) => card.dataset.lesson)).toEqual(['absent', 'lossy']);
    expect(absence.compareDocumentPosition(cards[0] as Node) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  });

  it('says finding, hop and next action in words, and light not by colour alone', async () => {
    await board([
      {
        lessonId: 'lossy',
        title: '数学',
        light: HealthLight.YELLOW,
        participants: [
          {
            participantId: 'a',
            name: '一班',
            light: HealthLight.YELLOW,
            finding: Finding.LOSS_UP,
            hop: Hop.ACCESS,
            lossUp: 0.12,
            lossDown: 0.004,
            bitrateUpKbps: 1_450,
          },
        ],
      },
    ]);
    const problem = await screen.findByTestId('problem');
    expect(problem.textContent).toContain('上行丢包');
    expect(problem.textContent).toContain('教室网络');
    expect(problem.textContent).toContain('请教室改用网线');
    const card = screen.getByTestId('lesson-card');
    expect(within(card).getByText('12% / 0.4%')).toBeTruthy();
    expect(within(card).getByText('1.4M / –')).toBeTruthy();
    expect(within(card).getAllByTestId('light')[0]?.textContent).toBe('注意');
  });

  it('says what a narrow line costs, and how that is known', async () => {
    const line = { carriesKbps: 400, wantedKbps: 2_000, cause: LineCause.QUEUE, reduced: 1, paused: 2 };
    await board([
      {
        lessonId: 'narrow',
        title: '数学',
        light: HealthLight.YELLOW,
        participants: [
          {
            participantId: 'a',
            name: '一班',
            light: HealthLight.YELLOW,
            finding: Finding.LOW_BANDWIDTH,
            hop: Hop.ACCESS,
            narrowLine: line,
          },
          {
            participantId: 'b',
            name: '二班',
            light: HealthLight.GREEN,
            finding: Finding.NONE,
            narrowLine: { ...line, reduced: 0 },
          },
        ],
      },
    ]);
    const problem = await screen.findByTestId('problem');
    expect(problem.textContent).toContain(
      '1 路画面缩小或降帧 · 2 路画面暂停 · 下行线路约 0.4 Mbit/s，需要 2.0 Mbit/s（线路排队）',
    );
    expect(screen.getAllByTestId('narrow-line').map((one) => one.textContent?.includes('缩小'))).toEqual([true, false]);
  });

  it('says that nothing is open when nothing is', async () => {
    await board([]);
    await screen.findByText('现在没有进行中的课堂');
  });
});
