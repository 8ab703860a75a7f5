import { Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, type Language, languages } from '../i18n';

export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  return (
    <Segmented<Language>
      size="small"
      aria-label={t('language')}
      data-testid="language"
      value={i18n.language === 'en' ? 'en' : 'zh-CN'}
      onChange={chooseLanguage}
      options={languages.map(({ code, name }) => ({ value: code, label: name }))}
    />
  );
}
