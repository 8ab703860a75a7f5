import { Alert, Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore } from '../../adapters/core';
import { EmptyState, ErrorState, LoadingState } from '../../ui/States';
import { useFaultText } from '../../ui/useFaultText';
import { useLoad } from '../../ui/useLoad';
import styles from './external.module.css';
import { type Issued, IssuedToken } from './IssuedToken';
import { IssueForm } from './IssueForm';
import { TokenList, type TokenListProps } from './TokenList';

/** How often the list is asked for: a device that connects is seen soon, and nobody waits for it. */
const refreshMs = 3_000;

type ExternalDevicesProps = Pick<TokenListProps, 'lessonId' | 'nameOf' | 'actions'> & { onClose: () => void };

/** The encoders and players of one lesson: what they were given to come in by, and what takes it from them again. */
export function ExternalDevices({ onClose, ...props }: ExternalDevicesProps) {
  const { t } = useTranslation('external');
  const [view, setView] = useState<'list' | 'form' | Issued>('list');
  const showsSecret = typeof view === 'object';
  const { api } = useCore();
  const { lessonId } = props;
  const { data, error, reload } = useLoad(
    lessonId,
    (signal) => api.classroom.listMediaTokens({ lessonId }, { signal }),
    refreshMs,
  );
  const faultText = useFaultText();
  const tokens = data?.tokens;

  return (
    // A secret that is seen once does not vanish by a press beside the dialog.
    <Modal
      open
      title={t('title')}
      width={640}
      footer={null}
      mask={{ closable: !showsSecret }}
      keyboard={!showsSecret}
      onCancel={onClose}
    >
      <div data-testid="external-devices">
        {showsSecret ? (
          <IssuedToken {...view} lessonId={lessonId} onDone={() => setView('list')} />
        ) : view === 'form' ? (
          <>
            <IssueForm
              lessonId={lessonId}
              onFailed={reload}
              onIssued={(issued) => {
                setView(issued);
                reload();
              }}
            />
            <Button type="link" block onClick={() => setView('list')} data-testid="issue-cancel">
              {t('backToList')}
            </Button>
          </>
        ) : !tokens ? (
          error === undefined ? (
            <LoadingState />
          ) : (
            <ErrorState title={t('loadFailed')} error={error} onRetry={reload} />
          )
        ) : (
          <>
            <p className={styles.quiet}>{t('intro')}</p>
            {error !== undefined && (
              <Alert type="warning" showIcon title={faultText(error)} className={styles.outcome ?? ''} />
            )}
            {tokens.length === 0 ? (
              <EmptyState icon="plug" title={t('empty')} hint={t('emptyHint')} />
            ) : (
              <TokenList {...props} tokens={tokens} onChanged={reload} />
            )}
            <Button type="primary" block onClick={() => setView('form')} data-testid="new-token">
              {t('add')}
            </Button>
          </>
        )}
      </div>
    </Modal>
  );
}
