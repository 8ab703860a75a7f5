import { Button, Dropdown } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { useCore, useSession } from '../adapters/core';
import { personOf } from '../core/session';
import { Brand } from './Brand';
import { LanguageSwitch } from './LanguageSwitch';
import styles from './PageShell.module.css';

interface PageShellProps {
  title: string;
  /** Goes right of the title. */
  extra?: ReactNode;
  children: ReactNode;
}

/** The frame of every page outside a live lesson: brand, who is signed in, language, content. */
export function PageShell({ title, extra, children }: PageShellProps) {
  return (
    <div className={styles.shell}>
      <header className={styles.header}>
        <Link to="/" className={styles.home}>
          <Brand />
        </Link>
        <span className={styles.spring} />
        <LanguageSwitch />
        <AccountMenu />
      </header>
      <main className={styles.main}>
        <div className={styles.titleRow}>
          <h1 className={styles.title}>{title}</h1>
          <span className={styles.spring} />
          {extra}
        </div>
        {children}
      </main>
    </div>
  );
}

function AccountMenu() {
  const { t } = useTranslation();
  const { session } = useCore();
  const person = personOf(useSession());
  const navigate = useNavigate();
  if (!person) return null;
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          { key: 'password', label: t('changePassword'), onClick: () => navigate('/password') },
          {
            key: 'signOut',
            label: t('signOut'),
            onClick: () => void session.signOut().then(() => navigate('/login')),
          },
        ],
      }}
    >
      <Button type="text" data-testid="account">
        {person.name}
      </Button>
    </Dropdown>
  );
}
