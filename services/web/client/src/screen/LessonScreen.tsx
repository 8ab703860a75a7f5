import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore, useStore, useZone } from '../adapters/core';
import { useRoom } from '../adapters/useRoom';
import { type DayView, nextLesson, startOf } from '../core/day';
import { isSignedOut } from '../core/fault';
import { EndReason } from '../gen/tongke/classroom/v1/event_pb';
import { Reason } from '../gen/tongke/common/v1/fault_pb';
import type { Lesson } from '../gen/tongke/scheduling/v1/scheduling_pb';
import { useFaultText } from '../ui/useFaultText';
import { Live } from './Live';
import { Notice } from './Notice';

/** How long "the lesson is over" stands before the screen waits for the next one. */
const farewellMs = 20_000;

interface LessonScreenProps {
  lesson: Lesson;
  day: DayView;
  /** It ended just now; the farewell follows. */
  onEnded: () => void;
  /** There is nothing more to see of this lesson. */
  onOver: () => void;
}

/** LessonScreen is one lesson in a classroom, from entering to the farewell. */
export function LessonScreen({ lesson, day, onEnded, onOver }: LessonScreenProps) {
  const { t } = useTranslation('screen');
  const { clock } = useZone();
  const { session, clock: serverClock } = useCore();
  const faultText = useFaultText();
  const room = useRoom(lesson.id);
  const { status, state, selfId } = useStore(room.lesson);

  useEffect(() => {
    void room.devices.open();
  }, [room]);

  const { kind } = status;
  const ended = useRef(onEnded);
  ended.current = onEnded;
  const refusal = status.kind === 'refused' ? status.fault : undefined;
  useEffect(() => {
    if (kind === 'ended') {
      ended.current();
      const timer = setTimeout(onOver, farewellMs);
      return () => clearTimeout(timer);
    }
    if (!refusal) return;
    if (isSignedOut(refusal.reason)) return session.expired();
    // Cancelled or moved: the plan knows more; until it does, the message stands.
    if (refusal.reason !== Reason.LESSON_NOT_OPEN) {
      const timer = setTimeout(onOver, farewellMs);
      return () => clearTimeout(timer);
    }
  }, [kind, refusal, onOver, session]);

  if (status.kind === 'superseded') {
    const action = { text: t('takeOver'), press: () => room.lesson.takeOver() };
    return <Notice title={t('superseded')} hint={t('supersededHint')} action={action} testId="superseded" />;
  }
  if (refusal) {
    const opensAt = Date.parse(refusal.metadata.opens_at ?? '');
    const hint = Number.isNaN(opensAt) ? faultText(refusal) : t('opensAt', { time: clock(opensAt) });
    return <Notice title={t('refused')} hint={hint} testId="refused" />;
  }
  if (status.kind === 'ended') {
    const next = nextLesson(day, serverClock.now(), lesson.id);
    const cancelled = state?.endReason === EndReason.CANCELLED;
    const hint = state?.endReason === EndReason.OVERRUN ? t('endedOverrun') : t('endedThanks');
    return (
      <Notice title={cancelled ? t('cancelled') : t('ended')} hint={cancelled ? undefined : hint} testId="lesson-ended">
        {next && <p>{t('endedNext', { time: clock(startOf(next)) })}</p>}
      </Notice>
    );
  }
  if (!state) return <Notice title={t('entering')} hint={lesson.title} />;
  return <Live room={room} state={state} selfId={selfId} />;
}
