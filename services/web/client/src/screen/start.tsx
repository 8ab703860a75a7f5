import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { CoreProvider } from '../adapters/core';
import { PageBroke } from '../app/PageBroke';
import { createCore } from '../core/core';
import { startI18n } from '../i18n';
import { screenAreas } from './areas';
import { Boundary } from './Boundary';
import { ScreenPage } from './ScreenPage';

/** start draws the app of a classroom's screen. */
export function start(root: HTMLElement): void {
  startI18n(screenAreas);
  createRoot(root).render(
    <StrictMode>
      <Boundary fallback={<PageBroke />}>
        <CoreProvider core={createCore()}>
          <ScreenPage />
        </CoreProvider>
      </Boundary>
    </StrictMode>,
  );
}
