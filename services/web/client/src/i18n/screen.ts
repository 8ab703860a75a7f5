import type { Translation } from './area';

/** The classroom screen. */
export const zhCN = {
  title: '教室屏幕',
} as const;

export const en: Translation<typeof zhCN> = {
  title: 'Classroom screen',
};
