import * as admin from './admin';
import * as assistant from './assistant';
import * as common from './common';
import * as faults from './faults';
import * as lesson from './lesson';
import * as login from './login';
import * as operator from './operator';
import * as scheduler from './scheduler';
import * as screen from './screen';
import * as teacher from './teacher';

const areas = { admin, assistant, common, faults, lesson, login, operator, scheduler, screen, teacher };

type Areas = typeof areas;

/** The texts of one language, by namespace. Keys are typed by the Chinese texts. */
type Texts = { [Area in keyof Areas]: Areas[Area]['zhCN'] };

function inLanguage(language: 'zhCN' | 'en'): Texts {
  return Object.fromEntries(Object.entries(areas).map(([name, area]) => [name, area[language]])) as Texts;
}

export const defaultNamespace = 'common';

export const resources = { 'zh-CN': inLanguage('zhCN'), en: inLanguage('en') };

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: typeof defaultNamespace;
    resources: Texts;
  }
}
