import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CoreProvider } from '../adapters/core';
import { createCore } from '../core/core';
import { roomId, teacherId } from '../core/testing/fakeLesson';
import { assistant, FakeServer } from '../core/testing/fakeServer';
import { LessonPhase, ParticipantRole } from '../gen/tongke/classroom/v1/event_pb';
import { startI18n } from '../i18n';
import { everyArea } from '../i18n/everyArea';
import AssistantPage from './AssistantPage';

startI18n(everyArea, 'zh-CN');
// jsdom lays nothing out; Ant Design asks.
vi.stubGlobal('matchMedia', () => ({
  matches: false,
  addListener() {},
  removeListener() {},
  addEventListener() {},
  removeEventListener() {},
}));
vi.stubGlobal(
  'ResizeObserver',
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);

const teacher = { participantId: teacherId, name: '主讲教师', role: ParticipantRole.LEAD_TEACHER };

describe('the assistant’s phone', () => {
  let server: FakeServer;

  beforeEach(async () => {
    vi.useFakeTimers();
    server = new FakeServer();
    server.who = { case: 'person', value: assistant };
    server.lesson.selfId = assistant.id;
    server.plan(-60_000);
    server.lesson.happens({ case: 'participantJoined', value: { participant: teacher } });
    server.lesson.happens({
      case: 'participantJoined',
      value: { participant: { participantId: roomId, name: '一班', role: ParticipantRole.CLASSROOM } },
    });
    server.lesson.happens({ case: 'lessonStarted', value: {} });
  });
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
  });

  const pass = (ms = 0) =>
    act(async () => {
      server.lesson.heartbeat();
      await vi.advanceTimersByTimeAsync(ms);
    });
  const open = async () => {
    render(
      <CoreProvider core={createCore(server.transport)}>
        <MemoryRouter>
          <AssistantPage />
        </MemoryRouter>
      </CoreProvider>,
    );
    for (let i = 0; i < 4; i++) await pass(50);
  };
  const press = async (testId: string) => {
    fireEvent.click(screen.getByTestId(testId));
    await pass(50);
  };

  it('enters the lesson that is on and raises the hand of the own campus’s classroom', async () => {
    await open();
    await press('hand');
    expect(server.lesson.state().hands.map((hand) => hand.participantId)).toEqual([roomId]);
    expect(screen.getByTestId('hand').textContent).toContain('第 1 位');
    await press('hand');
    expect(server.lesson.state().hands).toEqual([]);
  });

  it('takes the classroom off stage', async () => {
    server.lesson.happens({ case: 'steppedOnStage', value: { participantId: roomId } });
    await open();
    await press('off-stage');
    expect(server.lesson.state().stage).toEqual([]);
  });

  it('posts to the chat', async () => {
    await open();
    fireEvent.change(screen.getByTestId('chat-input'), { target: { value: '收到' } });
    await press('chat-send');
    expect(screen.getByTestId('chat-lines').textContent).toContain('收到');
  });

  it('may end the lesson only while the teacher is away, and asks first', async () => {
    await open();
    expect(screen.queryByTestId('end-lesson')).toBeNull();
    server.lesson.happens({ case: 'connectionLost', value: { participantId: teacherId } });
    await pass(50);
    await press('end-lesson');
    expect(server.lesson.state().phase).toBe(LessonPhase.LIVE);
    fireEvent.click(screen.getByText('结束课堂', { selector: '.ant-popconfirm-buttons button span' }));
    await pass(50);
    expect(server.lesson.state().phase).toBe(LessonPhase.ENDED);
  });
});
