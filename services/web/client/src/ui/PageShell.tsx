import { Button, Dropdown } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, NavLink, useNavigate } from 'react-router';
import { useCore, useSession } from '../adapters/core';
import { personOf } from '../core/session';
import { Role } from '../gen/tongke/common/v1/rule_pb';
import { Brand } from './Brand';
import { LanguageSwitch } from './LanguageSwitch';
import styles from './PageShell.module.css';
import { useTitle } from './useTitle';

interface PageShellProps {
  title: string;
  /** Goes right of the title. */
  extra?: ReactNode;
  children: ReactNode;
}

/** The frame of every page outside a live lesson: brand, who is signed in, language, content. */
export function PageShell({ title, extra, children }: PageShellProps) {
  useTitle(title);
  return (
    <div className={styles.shell}>
      <header className={styles.header}>
        <Link to="/" className={styles.home}>
          <Brand />
        </Link>
        <PageLinks />
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

const pages = [
  { path: '/teacher', word: 'pageTeacher', roles: [Role.TEACHER, Role.OBSERVER] },
  { path: '/assistant', word: 'pageAssistant', roles: [Role.ASSISTANT] },
  { path: '/scheduler', word: 'pageScheduler', roles: [Role.SCHEDULER, Role.ADMINISTRATOR] },
  { path: '/operator', word: 'pageOperator', roles: [Role.OPERATOR, Role.ADMINISTRATOR] },
  { path: '/admin', word: 'pageAdmin', roles: [Role.ADMINISTRATOR] },
] as const;

/** The pages that the person's roles open; nothing to choose for those who have one. */
function PageLinks() {
  const { t } = useTranslation();
  const held = personOf(useSession())?.roles ?? [];
  const mine = pages.filter(({ roles }) => roles.some((role) => held.includes(role)));
  if (mine.length < 2) return null;
  return (
    <nav className={styles.links}>
      {mine.map(({ path, word }) => (
        <NavLink key={path} to={path} className={({ isActive }) => (isActive ? styles.active : undefined) ?? ''}>
          {t(word)}
        </NavLink>
      ))}
    </nav>
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
      <Button type="text" data-testid="account" title={person.name}>
        <span className={styles.account}>{person.name}</span>
      </Button>
    </Dropdown>
  );
}
