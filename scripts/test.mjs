// Runs the tests with progress and closes with "N passed, N failed".
//   node scripts/test.mjs all | go | fuzz | client | e2e [playwright arguments]
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const client = join(root, 'services/web/client');
const [what = 'all', ...extra] = process.argv.slice(2);
const started = Date.now();
const total = { passed: 0, failed: 0, skipped: 0 };

function say(text) {
  const at = Math.round((Date.now() - started) / 1000);
  console.log(`[${String(Math.floor(at / 60)).padStart(2)}:${String(at % 60).padStart(2, '0')}] ${text}`);
}

/** Runs a command; calls onLine for each line of its standard output; resolves to its exit code. */
function run(command, args, cwd, onLine, env = {}, onError = undefined) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', onError ? 'pipe' : 'inherit'] });
    createInterface({ input: child.stdout }).on('line', onLine);
    if (onError) createInterface({ input: child.stderr }).on('line', onError);
    child.on('error', reject);
    child.on('close', resolve);
  });
}

/** These packages run in real time with real peers: they get the machine for themselves. */
const alone = ['services/relay'];

/** SQLite is one package, which keeps one processor busy for a minute: whoever needs it is compiled and tested first. */
const first = 'services/scheduling';

async function goTests() {
  const all = [];
  await run('go', ['list', './pkg/...', './services/...'], root, (line) => all.push(line));
  const isAlone = (path) => alone.some((name) => path.endsWith(`/${name}`));
  const together = all.filter((path) => !isAlone(path));
  const isFirst = (path) => path.includes(`/${first}`);
  await goTest([...together.filter(isFirst), ...together.filter((path) => !isFirst(path))]);
  for (const path of all.filter(isAlone)) await goTest([path]);
}

/** go test -json: one line per package, the output of failed tests in full. `make check` vets more than go test would. */
async function goTest(packages) {
  const output = new Map();
  const before = total.failed;
  const code = await run('go', ['test', '-race', '-vet=off', '-p', '2', '-timeout', '10m', '-json', ...packages], root, (line) => {
    if (!line.startsWith('{')) return console.log(line);
    const event = JSON.parse(line);
    const name = event.Package?.replace('github.com/tongke-edu/tongke/', '') ?? event.ImportPath ?? 'go';
    const key = `${name} ${event.Test ?? ''}`;
    switch (event.Action) {
      case 'output':
      case 'build-output':
        output.set(key, (output.get(key) ?? '') + event.Output);
        break;
      case 'build-fail':
        total.failed++;
        console.log(output.get(key));
        break;
      case 'pass':
      case 'skip':
      case 'fail':
        if (event.Test) {
          total[{ pass: 'passed', skip: 'skipped', fail: 'failed' }[event.Action]]++;
          if (event.Action !== 'pass') console.log(output.get(key));
        } else if (event.Action === 'fail') {
          console.log(output.get(key) ?? '');
          say(`FAIL ${name} (${event.Elapsed?.toFixed(1)} s)`);
        } else if (event.Action === 'pass') {
          say(`ok   ${name} (${event.Elapsed?.toFixed(1)} s)`);
        }
        output.delete(key);
    }
  });
  if (code !== 0 && total.failed === before) total.failed++;
}

/**
 * Each fuzz target for a few seconds, two at a time: seeds alone are ordinary tests and have run already.
 * Only code of this repository is instrumented. It is what a fuzzer explores here, twice as fast as with all libraries
 * instrumented as well, and these need not be compiled once more.
 */
async function fuzz() {
  const targets = [];
  await run('grep', ['-rnE', '--include=*_test.go', '--exclude-dir=node_modules', '^func Fuzz', 'pkg', 'services'], root, (line) => {
    const [, file, name] = line.match(/^([^:]+):\d+:func (Fuzz\w+)/) ?? [];
    if (file) targets.push({ dir: dirname(file), name });
  });
  const programs = join(root, '.bin', 'fuzz');
  rmSync(programs, { recursive: true, force: true });
  mkdirSync(programs, { recursive: true });
  const packages = [...new Set(targets.map(({ dir }) => `./${dir}`))];
  const instrumented = '-gcflags=github.com/tongke-edu/tongke/...=-d=libfuzzer';
  const code = await run('go', ['test', '-c', '-o', `${programs}/`, instrumented, ...packages], root, (line) => console.log(line));
  if (code !== 0 || targets.length === 0) {
    total.failed++;
    return say('FAIL fuzz targets');
  }
  const next = targets.values();
  const worker = async () => {
    for (const target of next) await explore(programs, target);
  };
  await Promise.all([worker(), worker()]);
}

async function explore(programs, { dir, name }) {
  const args = ['-test.run', '^$', '-test.fuzz', `^${name}$`, '-test.fuzztime', '3s', '-test.parallel', '1'];
  const corpus = join(root, '.cache', 'fuzz', dir);
  const output = [];
  const attempt = () =>
    run(join(programs, `${basename(dir)}.test`), [...args, `-test.fuzzcachedir=${corpus}`], join(root, dir), (line) => output.push(line), {}, (line) => output.push(line));
  const said = (text) => output.some((line) => line.includes(text));
  let code = await attempt();
  // At the end of its time Go sometimes blames its own deadline, without an input that fails.
  if (code !== 0 && said('context deadline exceeded') && !said('Failing input')) code = await attempt();
  const ok = code === 0 && !said('without coverage guidance');
  total[ok ? 'passed' : 'failed']++;
  if (!ok) console.log(output.join('\n'));
  say(`${ok ? 'ok  ' : 'FAIL'} ${dir} ${name}`);
}

async function clientTests() {
  const report = join(root, '.bin', 'vitest.json');
  rmSync(report, { force: true });
  // Two workers: left to itself vitest leaves one processor of two alone.
  const code = await run('npx', ['vitest', 'run', '--maxWorkers=2', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`], client, (line) => console.log(line));
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    total.passed += result.numPassedTests;
    total.failed += result.numFailedTests;
    if (code !== 0 && result.numFailedTests === 0) total.failed++;
  } catch {
    total.failed++;
  }
}

async function journeys() {
  const report = join(root, '.bin', 'playwright.json');
  rmSync(report, { force: true });
  const env = { PLAYWRIGHT_JSON_OUTPUT_NAME: report, NODE_PATH: join(client, 'node_modules') };
  const cli = join(client, 'node_modules/@playwright/test/cli.js');
  const config = join(root, 'services/web/e2e/playwright.config.ts');
  const code = await run('node', [cli, 'test', '--config', config, ...extra], join(root, 'services/web/e2e'), (line) => console.log(line), env);
  try {
    const { stats } = JSON.parse(readFileSync(report, 'utf8'));
    total.passed += stats.expected + stats.flaky;
    total.failed += stats.unexpected;
    total.skipped += stats.skipped;
    if (stats.flaky) say(`${stats.flaky} journeys passed only at the second try`);
    if (code !== 0 && stats.unexpected === 0) total.failed++;
  } catch {
    total.failed++;
  }
}

const parts = {
  go: [['Go', goTests]],
  fuzz: [['fuzzing', fuzz]],
  client: [['web client', clientTests]],
  e2e: [['browser journeys', journeys]],
};
const chosen = what === 'all' ? Object.values(parts).flat() : parts[what];
if (!chosen) {
  console.error('usage: node scripts/test.mjs all|go|fuzz|client|e2e');
  process.exit(2);
}
for (const [name, part] of chosen) {
  say(name);
  await part();
}
say('done');
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed || total.passed === 0 ? 1 : 0);
