import { Button, Input } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useZone } from '../../adapters/core';
import { nameIn } from '../../core/lesson/look';
import styles from './ChatPanel.module.css';
import { useRoom } from './room';

const longest = 500;

/** The lesson's chat. Lines are shown as text, whatever they contain. */
export function ChatPanel() {
  const { t } = useTranslation(['lesson', 'common']);
  const { clock } = useZone();
  const { state, selfId, send, isSending, listener } = useRoom();
  const [draft, setDraft] = useState('');
  const end = useRef<HTMLDivElement>(null);
  const last = state.chat.at(-1)?.ordinal;

  useEffect(() => {
    if (last !== undefined) end.current?.scrollIntoView?.({ block: 'nearest' });
  }, [last]);

  const post = async () => {
    const text = draft.trim();
    if (text === '') return;
    setDraft('');
    if (!(await send((commands) => commands.postChat(text)))) setDraft((typed) => typed || text);
  };
  return (
    <div className={styles.chat}>
      <div className={styles.lines} role="log" aria-label={t('chat')} data-testid="chat-lines">
        {state.chat.length === 0 && <p className={styles.empty}>{t('chatEmpty')}</p>}
        {state.chat.map((line) => (
          <p key={String(line.ordinal)} className={line.participantId === selfId ? styles.own : undefined}>
            <small>
              {line.participantId === selfId ? t('common:you') : nameIn(state, line.participantId)} · {clock(line.at)}
            </small>
            <span>{line.text}</span>
          </p>
        ))}
        {isSending('postChat') && <p className={styles.empty}>{t('sending')}</p>}
        <div ref={end} />
      </div>
      {!listener && (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            void post();
          }}
        >
          <Input
            value={draft}
            maxLength={longest}
            aria-label={t('chatPlaceholder')}
            placeholder={t('chatPlaceholder')}
            data-testid="chat-input"
            onChange={(event) => setDraft(event.target.value)}
          />
          <Button htmlType="submit" disabled={draft.trim() === ''} data-testid="chat-send">
            {t('chatSend')}
          </Button>
        </form>
      )}
    </div>
  );
}
