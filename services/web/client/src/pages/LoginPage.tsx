import { Alert, Button, Form, Input } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, useNavigate, useSearchParams } from 'react-router';
import { useCore, useSession } from '../adapters/core';
import { homeOf, type SessionView } from '../core/session';
import { Brand } from '../ui/Brand';
import { Icon } from '../ui/Icon';
import { LanguageSwitch } from '../ui/LanguageSwitch';
import { Theme } from '../ui/Theme';
import { useAction } from '../ui/useAction';
import { useFaultText } from '../ui/useFaultText';
import { useTitle } from '../ui/useTitle';
import styles from './LoginPage.module.css';

/** Sign-in of people; a classroom's screen goes to /screen instead. */
export default function LoginPage() {
  return (
    <Theme>
      <Login />
    </Theme>
  );
}

interface Credentials {
  login: string;
  password: string;
}

function Login() {
  const { t } = useTranslation(['login', 'common', 'faults']);
  const { session } = useCore();
  const view = useSession();
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const faultText = useFaultText();
  useTitle(t('title'));
  const goOn = (signedIn: SessionView) => navigate(destination(signedIn, search.get('next')), { replace: true });
  const signIn = useAction(async ({ login, password }: Credentials) => {
    goOn(await session.signIn(login.trim(), password));
  });

  useEffect(() => {
    void session.load();
  }, [session]);

  if (view.status === 'signedIn' && homeOf(view) !== '/login' && !signIn.busy) {
    return <Navigate to={destination(view, search.get('next'))} replace />;
  }
  // Who was sent here from another page is told why.
  const why = view.expired ? t('faults:SESSION_EXPIRED') : search.has('next') && t('faults:UNAUTHENTICATED');
  return (
    <main className={styles.page}>
      <div className={styles.language}>
        <LanguageSwitch />
      </div>
      <section className={styles.card} aria-label={t('title')}>
        <Brand size={44} />
        <p className={styles.slogan}>{t('common:slogan')}</p>
        {why && view.status === 'signedOut' && signIn.error === undefined && (
          <Alert type="info" showIcon title={why} className={styles.alert} role="status" data-testid="why" />
        )}
        <Form<Credentials> layout="vertical" size="large" requiredMark={false} onFinish={(c) => void signIn.run(c)}>
          <Form.Item name="login" label={t('login')} rules={[{ required: true, message: t('loginMissing') }]}>
            <Input autoFocus autoComplete="username" autoCapitalize="none" maxLength={64} data-testid="login" />
          </Form.Item>
          <Form.Item name="password" label={t('password')} rules={[{ required: true, message: t('passwordMissing') }]}>
            <Input.Password autoComplete="current-password" maxLength={128} data-testid="password" />
          </Form.Item>
          <div aria-live="assertive">
            {signIn.error !== undefined && (
              <Alert
                type="error"
                showIcon
                title={faultText(signIn.error)}
                className={styles.alert}
                data-testid="fault"
              />
            )}
            {view.status === 'signedIn' && homeOf(view) === '/login' && (
              <Alert type="warning" showIcon title={t('noPage')} className={styles.alert} />
            )}
          </div>
          <Button type="primary" htmlType="submit" block loading={signIn.busy} data-testid="sign-in">
            {signIn.busy ? t('signingIn') : t('signIn')}
          </Button>
        </Form>
        <p className={styles.forgot}>{t('forgot')}</p>
      </section>
      <Link to="/screen" reloadDocument className={styles.screen} data-testid="pair-screen-link">
        <Icon name="screen" size={24} />
        <span>
          {t('pairScreen')}
          <small>{t('pairScreenHint')}</small>
        </span>
      </Link>
      <p className={styles.version}>{view.version && `${t('common:product')} ${view.version}`}</p>
    </main>
  );
}

/** Back to where the person came from, if that is a page of ours; else to the page of the role. */
function destination(view: SessionView, next: string | null): string {
  return next?.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\') && next !== '/login'
    ? next
    : homeOf(view);
}
