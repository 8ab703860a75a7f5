/** What of the texts goes where: types for all areas, and the texts that an app asks for. */
import type * as admin from './admin';
import type * as assistant from './assistant';
import type * as common from './common';
import type * as external from './external';
import type * as faults from './faults';
import type * as lesson from './lesson';
import type * as login from './login';
import type * as operator from './operator';
import type * as scheduler from './scheduler';
import type * as screen from './screen';
import type * as teacher from './teacher';

/** Every area, by namespace. */
interface Areas {
  admin: typeof admin;
  assistant: typeof assistant;
  common: typeof common;
  external: typeof external;
  faults: typeof faults;
  lesson: typeof lesson;
  login: typeof login;
  operator: typeof operator;
  scheduler: typeof scheduler;
  screen: typeof screen;
  teacher: typeof teacher;
}

/** The areas that one app shows; `common` and `faults` are in each. */
export type AppAreas = Partial<Areas> & Pick<Areas, 'common' | 'faults'>;

export type Language = 'zh-CN' | 'en';

/** The texts of one language, by namespace. Keys are typed by the Chinese texts. */
export type Texts = { [Area in keyof Areas]: Areas[Area]['zhCN'] };

export const defaultNamespace = 'common';

/** resourcesOf sorts areas by language, as i18next wants them. */
export function resourcesOf<Given extends AppAreas>(areas: Given) {
  const inLanguage = (language: 'zhCN' | 'en') =>
    Object.fromEntries(Object.entries(areas).map(([name, area]) => [name, area[language]])) as {
      [Area in keyof Given & keyof Texts]: Texts[Area];
    };
  return { 'zh-CN': inLanguage('zhCN'), en: inLanguage('en') } satisfies Record<Language, unknown>;
}

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: typeof defaultNamespace;
    resources: Texts;
  }
}
