import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { CoreProvider } from '../adapters/core';
import { createCore } from '../core/core';
import { startI18n } from '../i18n';
import { createRouter } from './router';
import './base.css';

startI18n();
const core = createCore();
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <CoreProvider core={core}>
      <RouterProvider router={createRouter(core)} />
    </CoreProvider>
  </StrictMode>,
);
