import { Badge, Segmented } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { openPollOf } from '../../core/lesson/look';
import { ChatPanel } from './ChatPanel';
import { HandQueue } from './HandQueue';
import { PollPanel } from './PollPanel';
import { useRoom } from './room';
import styles from './SidePanel.module.css';

type Tab = 'chat' | 'poll';

/** Hands always in sight; below them chat or poll, with a mark on the one that is hidden and has news. */
export function SidePanel() {
  const { t } = useTranslation('lesson');
  const { state } = useRoom();
  const [tab, setTab] = useState<Tab>('chat');
  const unread = useUnread(tab === 'chat');
  const pollOpen = openPollOf(state) !== undefined;
  return (
    <aside className={styles.side}>
      <HandQueue />
      <section className={styles.card}>
        <Segmented<Tab>
          block
          value={tab}
          onChange={setTab}
          options={[
            {
              value: 'chat',
              label: (
                <Badge count={unread} size="small" offset={[10, 0]} title={t('chatUnread', { count: unread })}>
                  <span data-testid="tab-chat">{t('chat')}</span>
                </Badge>
              ),
            },
            {
              value: 'poll',
              label: (
                <Badge dot={pollOpen} offset={[6, 0]} title={t('pollRunning')}>
                  <span data-testid="tab-poll">{t('poll')}</span>
                </Badge>
              ),
            },
          ]}
        />
        <div className={styles.body}>{tab === 'chat' ? <ChatPanel /> : <PollPanel />}</div>
      </section>
    </aside>
  );
}

/** Lines of others that came while the chat was not in sight. */
function useUnread(inSight: boolean): number {
  const { state, selfId } = useRoom();
  const last = state.chat.at(-1)?.ordinal ?? 0n;
  const [read, setRead] = useState(last);
  useEffect(() => {
    if (inSight) setRead(last);
  }, [inSight, last]);
  return inSight ? 0 : state.chat.filter((line) => line.ordinal > read && line.participantId !== selfId).length;
}
