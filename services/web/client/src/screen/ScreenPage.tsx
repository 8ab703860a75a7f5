import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore, useSession } from '../adapters/core';
import { classroomOf, personOf } from '../core/session';
import { ClassroomScreen } from './ClassroomScreen';
import { Notice } from './Notice';
import { PairingView } from './PairingView';
import styles from './screen.module.css';

const retryMs = 5_000;

/** The page that a classroom's computer shows all day: paired once, it needs nobody. */
export function ScreenPage() {
  const { t } = useTranslation('screen');
  const { session } = useCore();
  const view = useSession();

  useEffect(() => {
    document.title = t('title');
    void session.load();
  }, [session, t]);
  useEffect(() => {
    if (view.status !== 'unreachable') return;
    const timer = setTimeout(() => void session.load(), retryMs);
    return () => clearTimeout(timer);
  }, [view, session]);

  const classroom = classroomOf(view);
  const person = personOf(view);
  return (
    <main className={styles.screen} data-testid="screen">
      {view.status === 'loading' && <Notice title={t('starting')} />}
      {view.status === 'unreachable' && <Notice title={t('unreachable')} hint={t('unreachableHint')} />}
      {view.status === 'signedOut' && <PairingView />}
      {classroom && <ClassroomScreen classroom={classroom} />}
      {person && (
        <Notice
          title={t('personTitle', { name: person.name })}
          hint={t('personHint')}
          action={{ text: t('personSignOut'), press: () => void session.signOut() }}
        />
      )}
    </main>
  );
}
