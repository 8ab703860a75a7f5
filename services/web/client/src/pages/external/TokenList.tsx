import { Alert, Button, Popconfirm, Tag } from 'antd';
import { type ReactNode, useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore, useSession, useZone } from '../../adapters/core';
import { personOf } from '../../core/session';
import type { MediaToken } from '../../gen/tongke/classroom/v1/media_token_pb';
import { useAction } from '../../ui/useAction';
import { useFaultText } from '../../ui/useFaultText';
import styles from './external.module.css';
import { inOrder, purposeOf, stateOf } from './token';

const colourOf = { inUse: 'success', unused: 'default', revoked: 'error' } as const;

export interface TokenListProps {
  lessonId: string;
  tokens: readonly MediaToken[];
  /** The name of a person of the lesson; empty for one who is none. */
  nameOf: (personId: string) => string;
  /** What else may be done with a device that is connected. */
  actions?: (token: MediaToken) => ReactNode;
  onChanged: () => void;
}

/** Who was given a token, what for, and whether it is used now. */
export function TokenList({ tokens, ...rest }: TokenListProps) {
  const { t } = useTranslation('external');
  return (
    <ul className={styles.list} aria-label={t('tokens')}>
      {inOrder(tokens).map((token) => (
        <TokenRow key={token.tokenId} token={token} {...rest} />
      ))}
    </ul>
  );
}

type TokenRowProps = Omit<TokenListProps, 'tokens'> & { token: MediaToken };

function TokenRow({ token, lessonId, nameOf, actions, onChanged }: TokenRowProps) {
  const { t } = useTranslation(['external', 'common']);
  const { clock } = useZone();
  const self = personOf(useSession())?.id;
  const state = stateOf(token);
  // Besides the lead teacher only operators and administrators issue, who are none of the lesson's.
  const issuer = token.issuedBy === self ? t('common:you') : nameOf(token.issuedBy) || t('common:roleOperator');
  return (
    <li className={styles.row} data-testid="token" data-state={state}>
      <span className={styles.who}>
        <strong>{token.name}</strong>
        <small>
          {t(`purpose_${purposeOf(token)}`)} · {t('issuedBy', { name: issuer, time: clock(token.issuedAt) })}
        </small>
      </span>
      <Tag color={colourOf[state]}>{t(`state_${state}`)}</Tag>
      {state === 'inUse' && actions?.(token)}
      {!token.revoked && <Revoke token={token} lessonId={lessonId} onChanged={onChanged} />}
    </li>
  );
}

/** A press, a question, and then the device is sent away. */
function Revoke({ token, lessonId, onChanged }: Pick<TokenRowProps, 'token' | 'lessonId' | 'onChanged'>) {
  const { t } = useTranslation(['external', 'common']);
  const { api } = useCore();
  const faultText = useFaultText();
  const { tokenId } = token;
  const revoke = useAction(
    useCallback(async () => {
      await api.classroom.revokeMediaToken({ lessonId, tokenId });
      onChanged();
    }, [api, lessonId, tokenId, onChanged]),
  );
  return (
    <>
      <Popconfirm
        title={t('revokeConfirm', { name: token.name })}
        description={t(token.inUse ? 'revokeHintInUse' : 'revokeHint')}
        okText={t('revoke')}
        okButtonProps={{ danger: true }}
        cancelText={t('common:cancel')}
        onConfirm={() => void revoke.run()}
      >
        <Button
          size="small"
          danger
          loading={revoke.busy}
          aria-label={`${t('revoke')} ${token.name}`}
          data-testid="revoke"
        >
          {t('revoke')}
        </Button>
      </Popconfirm>
      {revoke.error !== undefined && (
        <Alert type="error" showIcon title={faultText(revoke.error)} className={styles.outcome ?? ''} />
      )}
    </>
  );
}
