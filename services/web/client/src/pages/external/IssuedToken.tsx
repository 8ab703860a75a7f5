import { Alert, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { MediaToken } from '../../gen/tongke/classroom/v1/media_token_pb';
import { CopyField } from './CopyField';
import styles from './external.module.css';
import { addressOf, commandOf, isThisComputer, purposeOf } from './token';

/** A token whose secret is still known: only here, and only until this is closed. */
export interface Issued {
  readonly token: MediaToken;
  readonly secret: string;
}

interface IssuedTokenProps extends Issued {
  lessonId: string;
  onDone: () => void;
}

/** What somebody carries to the device: address and token, and how two usual programs take them. */
export function IssuedToken({ token, secret, lessonId, onDone }: IssuedTokenProps) {
  const { t } = useTranslation('external');
  const purpose = purposeOf(token);
  const address = addressOf(location.origin, lessonId, purpose);
  return (
    <section className={styles.issued} aria-label={t('issuedFor', { name: token.name })} data-testid="issued">
      <h3>{t('issuedFor', { name: token.name })}</h3>
      <Alert type="warning" showIcon title={t('shownOnce')} />
      <CopyField label={t('address')} value={address} testId="address" />
      {isThisComputer(location.origin) && <p className={styles.quiet}>{t('addressIsHere')}</p>}
      <CopyField label={t('secret')} value={secret} testId="secret" />
      <details className={styles.examples}>
        <summary>{t('examples')}</summary>
        {purpose !== 'watch' && <p>{t('exampleObs')}</p>}
        <CopyField label={t('exampleGstreamer')} value={commandOf(purpose, address, secret)} testId="command" />
      </details>
      <Button type="primary" block onClick={onDone} data-testid="issued-done">
        {t('saved')}
      </Button>
    </section>
  );
}
