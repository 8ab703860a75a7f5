/**
 * Texts of the client: Simplified Chinese by default, English on request.
 * Each area of the product is one file with both languages side by side, so that a missing text is a type error.
 */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { type AppAreas, defaultNamespace, type Language, resourcesOf } from './resources';

export type { Language } from './resources';

export const languages: readonly { code: Language; name: string }[] = [
  { code: 'zh-CN', name: '中文' },
  { code: 'en', name: 'English' },
];

const storageKey = 'tongke.language';

/** The language asked for in the address (?lang=en, for a kiosk), else the one chosen here before. */
function rememberedLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang');
  if (asked === 'en' || asked === 'zh-CN') return asked;
  try {
    return localStorage.getItem(storageKey) === 'en' ? 'en' : 'zh-CN';
  } catch {
    return 'zh-CN'; // Storage may be forbidden; the page works without it.
  }
}

/** Starts i18next with the texts of an app, before the first render. Texts are bundled: nothing is fetched. */
export function startI18n(areas: AppAreas, language: Language = rememberedLanguage()): typeof i18next {
  void i18next.use(initReactI18next).init({
    resources: resourcesOf(areas),
    lng: language,
    fallbackLng: 'zh-CN',
    defaultNS: defaultNamespace,
    initAsync: false,
    interpolation: { escapeValue: false }, // React shows text as text.
  });
  document.documentElement.lang = language;
  return i18next;
}

/** Changes the language now and for later visits. */
export function chooseLanguage(language: Language): void {
  document.documentElement.lang = language;
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // The choice then lasts until the page is closed.
  }
  void i18next.changeLanguage(language);
}

export { default as i18n } from 'i18next';
