import { Button, Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNow } from '../../adapters/core';
import { nameIn } from '../../core/lesson/look';
import { Icon } from '../../ui/Icon';
import { millis, span } from '../../ui/time';
import styles from './HandQueue.module.css';
import { useRoom } from './room';

/** Raised hands, first come first: one press calls on any of them. Changes are said to screen readers. */
export function HandQueue() {
  const { t } = useTranslation('lesson');
  const { state, send, isSending, listener } = useRoom();
  const now = useNow();
  const first = state.hands[0];
  return (
    <section className={styles.queue} aria-label={t('hands')} data-testid="hand-queue">
      <h2>
        <Icon name="hand" />
        {t('hands')}
        {state.hands.length > 0 && <span className={styles.count}>{state.hands.length}</span>}
      </h2>
      <p className="visually-hidden" aria-live="polite">
        {first && t('handsAnnounce', { count: state.hands.length, name: nameIn(state, first.participantId) })}
      </p>
      {!first && <p className={styles.empty}>{t('handsEmpty')}</p>}
      <ol>
        {state.hands.map(({ participantId, raisedAt }, place) => {
          const name = nameIn(state, participantId);
          return (
            <li key={participantId} data-testid="hand" data-participant={participantId}>
              <span className={styles.who}>
                <strong title={name}>{name}</strong>
                <small>{t('handWaiting', { time: span(now - millis(raisedAt)) })}</small>
              </span>
              {!listener && (
                <>
                  <Tooltip title={t('lowerHand')}>
                    <Button
                      type="text"
                      size="small"
                      aria-label={`${t('lowerHand')} ${name}`}
                      icon={<Icon name="close" />}
                      loading={isSending('lowerHand', participantId)}
                      onClick={() => send((commands) => commands.lowerHand(participantId))}
                    />
                  </Tooltip>
                  <Button
                    type={place === 0 ? 'primary' : 'default'}
                    aria-label={t('callOnName', { name })}
                    loading={isSending('callOn', participantId)}
                    onClick={() => send((commands) => commands.callOn(participantId))}
                    data-testid="call-on"
                  >
                    {t('callOn')}
                  </Button>
                </>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
