// Measurements in real browsers: for people who want figures, not for `make test`.
import { defineConfig } from '@playwright/test';
import journeys from './playwright.config';

export default defineConfig({ ...journeys, testMatch: '*.measure.ts', retries: 0, reporter: 'line' });
