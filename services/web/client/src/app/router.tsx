import type { ComponentType } from 'react';
import { createBrowserRouter, type RouteObject, redirect, redirectDocument } from 'react-router';
import type { Core } from '../core/core';
import { homeOf } from '../core/session';
import { Blank, PageBroke } from './PageBroke';

type Page = () => Promise<{ default: ComponentType }>;

// Every page is a chunk of its own.
const pages: Record<string, Page> = {
  '/login': () => import('../pages/LoginPage'),
  '/teacher': () => import('../pages/TeacherPage'),
  '/lesson/:lessonId': () => import('../pages/LessonPage'),
  '/assistant': () => import('../assistant/AssistantPage'),
  '/scheduler': () => import('../pages/SchedulerPage'),
  '/operator': () => import('../pages/OperatorPage'),
  '/admin': () => import('../pages/AdminPage'),
  '/password': () => import('../pages/PasswordPage'),
  '*': () => import('../pages/NotFoundPage'),
};

export function routes(core: Core): RouteObject[] {
  return [
    {
      ErrorBoundary: PageBroke,
      HydrateFallback: Blank,
      children: [
        {
          path: '/',
          loader: async () => {
            const view = await core.session.load();
            return redirect(view.status === 'signedIn' ? homeOf(view) : '/login');
          },
          Component: Blank,
        },
        // An app of its own.
        { path: '/screen', loader: () => redirectDocument('/screen'), Component: Blank },
        ...Object.entries(pages).map(([path, page]) => ({
          path,
          lazy: async () => ({ Component: (await page()).default }),
        })),
      ],
    },
  ];
}

export function createRouter(core: Core) {
  return createBrowserRouter(routes(core));
}
