import { defineConfig } from '@playwright/test';

// One journey at a time: two cores carry three browsers and the server.
export default defineConfig({
  testDir: '.',
  outputDir: 'out/results',
  workers: 1,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json']],
  globalSetup: './support/global-setup.ts',
});
