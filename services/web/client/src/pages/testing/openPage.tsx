import { cleanup, configure, render } from '@testing-library/react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, vi } from 'vitest';
import { CoreProvider } from '../../adapters/core';
import { routes } from '../../app/router';
import { createCore } from '../../core/core';
import { startI18n } from '../../i18n';
import { everyArea } from '../../i18n/everyArea';
// The pages load it when they are opened. On a busy computer that takes longer than a test waits for what it looks for:
// it is there before the first test begins.
import 'antd';
import type { FakeSchool } from './fakeSchool';

startI18n(everyArea, 'zh-CN');
// Nothing here depends on time: this is for computers that are busy with other things.
configure({ asyncUtilTimeout: 40_000 });
vi.setConfig({ testTimeout: 120_000 });

// What Ant Design asks of a browser and jsdom does not have.
class NoResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
vi.stubGlobal('ResizeObserver', NoResizeObserver);
vi.stubGlobal('matchMedia', (query: string) => ({
  matches: query.includes('prefers-reduced-motion'),
  media: query,
  addListener: () => undefined,
  removeListener: () => undefined,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
}));

afterEach(cleanup);

/** Opens the whole app at a path; only the server is a fake. */
export function openPage(school: FakeSchool, path: string) {
  const core = createCore(school.transport);
  const router = createMemoryRouter(routes(core), { initialEntries: [path] });
  render(
    <CoreProvider core={core}>
      <RouterProvider router={router} />
    </CoreProvider>,
  );
  return { core, router };
}
