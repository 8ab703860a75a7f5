import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

/** Names the browser's tab, so that it is found among others. */
export function useTitle(title: string | undefined): void {
  const { t } = useTranslation();
  const product = t('product');
  useEffect(() => {
    document.title = title ? `${title} · ${product}` : product;
  }, [title, product]);
}
