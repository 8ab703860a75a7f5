import { Button, Input } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore, useZone } from '../adapters/core';
import type { LessonStore } from '../core/lesson/lessonStore';
import { nameIn } from '../core/lesson/look';
import type { LessonState } from '../gen/tongke/classroom/v1/event_pb';
import type { Press } from './AssistedLesson';
import styles from './assistant.module.css';

/** The contract's limit of one line. */
const longest = 500;

/** Chat is the lesson's chat on a phone. Lines are shown as text, whatever they contain. */
export function Chat({ lesson, state, press }: { lesson: LessonStore; state: LessonState; press: Press }) {
  const { t } = useTranslation(['assistant', 'common']);
  const { clock } = useZone();
  const [draft, setDraft] = useState('');
  const lines = useRef<HTMLDivElement>(null);
  useStore(lesson.commands);
  const { selfId } = lesson.getSnapshot();
  const last = state.chat.at(-1)?.ordinal;

  useEffect(() => {
    if (last !== undefined) lines.current?.scrollTo?.({ top: lines.current.scrollHeight });
  }, [last]);

  const post = async () => {
    const text = draft.trim();
    if (text === '') return;
    setDraft('');
    if (!(await press(lesson.commands.postChat(text)))) setDraft((typed) => typed || text);
  };
  return (
    <section className={styles.card}>
      <h3>{t('chat')}</h3>
      <div className={styles.chat} ref={lines} role="log" aria-label={t('chat')} data-testid="chat-lines">
        {state.chat.length === 0 && <p className={styles.quiet}>{t('chatEmpty')}</p>}
        {state.chat.map((line) => (
          <p key={String(line.ordinal)}>
            <small>
              {line.participantId === selfId ? t('common:you') : nameIn(state, line.participantId)} · {clock(line.at)}
            </small>
            {line.text}
          </p>
        ))}
        {lesson.commands.isSending('postChat') && <p className={styles.quiet}>{t('sending')}</p>}
      </div>
      <form
        className={styles.post}
        onSubmit={(event) => {
          event.preventDefault();
          void post();
        }}
      >
        <Input
          size="large"
          value={draft}
          maxLength={longest}
          aria-label={t('chatPlaceholder')}
          placeholder={t('chatPlaceholder')}
          onChange={(event) => setDraft(event.target.value)}
          data-testid="chat-input"
        />
        <Button size="large" htmlType="submit" disabled={draft.trim() === ''} data-testid="chat-send">
          {t('chatSend')}
        </Button>
      </form>
    </section>
  );
}
