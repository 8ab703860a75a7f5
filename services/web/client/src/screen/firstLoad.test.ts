// @vitest-environment node
// Builds the client as `make build` does, in memory, and weighs what a classroom's computer loads before it shows
// anything: the page's script, the screen's app and all that they import at once.
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { beforeAll, describe, expect, it, vi } from 'vitest';

/** Gzip, in bytes. */
const mostBytes = 170_000;

describe('the first load of the classroom’s screen', () => {
  let loaded: Rolldown.OutputChunk[];

  beforeAll(async () => {
    vi.stubEnv('NODE_ENV', 'production'); // React has much to say in tests.
    const root = new URL('../..', import.meta.url).pathname;
    const built = await build({ root, logLevel: 'silent', mode: 'production', build: { write: false } });
    const chunks = (built as Rolldown.RolldownOutput).output.filter((one) => one.type === 'chunk');
    const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
    const all = new Set<Rolldown.OutputChunk>();
    const load = (chunk: Rolldown.OutputChunk | undefined) => {
      if (!chunk || all.has(chunk)) return;
      all.add(chunk);
      for (const name of chunk.imports) load(byName.get(name));
    };
    load(chunks.find((chunk) => chunk.isEntry));
    load(chunks.find((chunk) => chunk.facadeModuleId?.endsWith('/src/screen/start.tsx')));
    loaded = [...all];
  });

  it('is at most so many bytes', () => {
    const bytes = loaded.reduce((sum, { code }) => sum + gzipSync(code).length, 0);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(mostBytes);
  });

  it('has no router, no component library and no texts of other pages', () => {
    const modules = loaded.flatMap(({ moduleIds }) => moduleIds);
    expect(modules.some((id) => id.endsWith('/src/i18n/screen.ts'))).toBe(true);
    expect(modules.filter((id) => /node_modules\/(antd|@ant-design|@rc-component|react-router)\//.test(id))).toEqual(
      [],
    );
    expect(modules.filter((id) => /\/src\/i18n\/(?!screen|common|faults|index|resources)/.test(id))).toEqual([]);
  });
});
