import { useTranslation } from 'react-i18next';

/** Blank is what is drawn while a page's code is on its way. */
export function Blank() {
  return <div className="blank" />;
}

/** PageBroke stands in for a page that failed to load (a new version was installed) or to draw. */
export function PageBroke() {
  const { t } = useTranslation('common');
  return (
    <main className="page-broke">
      <h1>{t('somethingBroke')}</h1>
      <p>{t('somethingBrokeHint')}</p>
      <button type="button" onClick={() => location.reload()}>
        {t('reload')}
      </button>
    </main>
  );
}
