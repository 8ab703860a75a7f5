import { cleanup, render } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { CoreProvider } from '../adapters/core';
import { createCore } from '../core/core';
import type { MediaStatus } from '../core/media/mediaSession';
import type { Room } from '../core/room';
import { Store } from '../core/store';
import { FakeLesson, teacherId } from '../core/testing/fakeLesson';
import { FakeServer } from '../core/testing/fakeServer';
import { ParticipantRole } from '../gen/tongke/classroom/v1/event_pb';
import { startI18n } from '../i18n';
import { screenAreas } from './areas';
import { NoTeacher } from './NoTeacher';

startI18n(screenAreas, 'zh-CN');

const participant = { participantId: teacherId, name: '主讲教师', role: ParticipantRole.LEAD_TEACHER };

describe('the place of the teacher’s picture', () => {
  afterEach(cleanup);

  const lessonWithTeacher = () => {
    const lesson = new FakeLesson();
    lesson.happens({ case: 'lessonStarted', value: {} });
    lesson.happens({ case: 'participantJoined', value: { participant } });
    lesson.happens({ case: 'mediaConnected', value: { participantId: teacherId } });
    return lesson;
  };
  const said = (lesson: FakeLesson, { seen = true, status = 'connected' as MediaStatus } = {}) => {
    const room = { media: new Store({ status, slots: [] }) } as unknown as Room;
    return render(
      <CoreProvider core={createCore(new FakeServer().transport)}>
        <NoTeacher room={room} state={lesson.state()} seen={seen} />
      </CoreProvider>,
    ).container.textContent;
  };

  it('says that the camera was turned off when the teacher was seen and stays connected', () => {
    expect(said(lessonWithTeacher())).toBe('老师关闭了摄像头');
  });

  it('says that the camera is not on when the teacher never had a picture', () => {
    expect(said(lessonWithTeacher(), { seen: false })).toBe('老师没有开摄像头');
  });

  it('blames no camera while the teacher’s or the own media is not connected', () => {
    const lost = lessonWithTeacher();
    lost.happens({ case: 'mediaLost', value: { participantId: teacherId } });
    expect(said(lost)).toBe('老师的画面还没有来');
    cleanup();
    expect(said(lessonWithTeacher(), { status: 'reconnecting' })).toBe('老师的画面还没有来');
  });

  it('is silent while the teacher reconnects, which is said elsewhere', () => {
    const lesson = lessonWithTeacher();
    lesson.happens({ case: 'connectionLost', value: { participantId: teacherId } });
    expect(said(lesson)).toBe('');
  });

  it('says that the teacher is away when the teacher left a lesson that goes on', () => {
    const lesson = lessonWithTeacher();
    lesson.happens({ case: 'participantLeft', value: { participantId: teacherId } });
    expect(said(lesson)).toBe('老师暂时不在课堂');
  });
});
