import { Button } from 'antd';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, useLocation } from 'react-router';
import { useCore, useSession } from '../adapters/core';
import { homeOf, personOf } from '../core/session';
import type { Role } from '../gen/tongke/common/v1/rule_pb';
import { EmptyState, ErrorState, LoadingState } from './States';
import { Theme } from './Theme';

/**
 * Shows a page only to people who hold one of the roles. This is courtesy: the server decides on every call.
 * Who is signed out signs in and comes back.
 */
export function Guard({ roles, children }: { roles: readonly Role[]; children: ReactNode }) {
  const { session } = useCore();
  const view = useSession();
  const location = useLocation();
  const { t } = useTranslation(['common', 'faults']);

  useEffect(() => {
    if (session.getSnapshot().status === 'loading') void session.load();
  }, [session]);

  if (view.status === 'signedOut') {
    return <Navigate to={`/login?next=${encodeURIComponent(location.pathname)}`} replace />;
  }
  const person = personOf(view);
  return (
    <Theme>
      {view.status === 'loading' && <LoadingState />}
      {view.status === 'unreachable' && (
        <ErrorState title={t('unreachable')} error={view.fault} onRetry={() => void session.load()} />
      )}
      {view.status === 'signedIn' &&
        (person?.roles.some((role) => roles.includes(role)) ? (
          children
        ) : (
          <EmptyState icon="key" title={t('faults:PERMISSION_DENIED')}>
            <Link to={homeOf(view)}>
              <Button>{t('backHome')}</Button>
            </Link>
          </EmptyState>
        ))}
    </Theme>
  );
}
