import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { CoreProvider } from '../adapters/core';
import { createCore } from '../core/core';
import { startI18n } from '../i18n';
import { everyArea } from '../i18n/everyArea';
import { createRouter } from './router';

/** start draws the app of the people's pages. */
export function start(root: HTMLElement): void {
  startI18n(everyArea);
  const core = createCore();
  createRoot(root).render(
    <StrictMode>
      <CoreProvider core={core}>
        <RouterProvider router={createRouter(core)} />
      </CoreProvider>
    </StrictMode>,
  );
}
