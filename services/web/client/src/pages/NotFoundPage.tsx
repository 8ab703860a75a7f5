import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { EmptyState } from '../ui/States';
import { Theme } from '../ui/Theme';

/** An address that is no page. */
export default function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <Theme>
      <EmptyState icon="globe" title={t('pageNotFound')}>
        <Link to="/">
          <Button type="primary">{t('backHome')}</Button>
        </Link>
      </EmptyState>
    </Theme>
  );
}
