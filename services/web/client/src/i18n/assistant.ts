import type { Translation } from './area';

/** The assistant teacher's phone. */
export const zhCN = {
  title: '助教',
} as const;

export const en: Translation<typeof zhCN> = {
  title: 'Assistant',
};
