import { defineConfig } from '@playwright/test';

// One journey at a time: two cores carry three browsers and the server.
export default defineConfig({
  testDir: '.',
  outputDir: 'out/results',
  workers: 1,
  // Journeys run in real time. Where nobody watches, a second try tells a slow machine from a broken product; the
  // report names what needed it.
  retries: process.env.CI ? 1 : 0,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json']],
  globalSetup: './support/global-setup.ts',
});
