import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// In development the page comes from vite and calls go to a running `tongke`.
const server = process.env.TONGKE_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  build: { target: 'es2023', outDir: 'dist', reportCompressedSize: false },
  server: { proxy: { '^/tongke\\.': { target: server, changeOrigin: true } } },
  test: {
    environment: 'jsdom',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    // No school is there: what shows the computer's time instead of the campus's is found out.
    env: { TZ: 'America/New_York' },
  },
});
