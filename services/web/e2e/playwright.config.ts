import { defineConfig } from '@playwright/test';

// One journey at a time: two cores carry three browsers and the server.
export default defineConfig({
  testDir: '.',
  outputDir: 'out',
  workers: 1,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json']],
  globalSetup: './support/global-setup.ts',
  use: { locale: 'zh-CN' },
});
