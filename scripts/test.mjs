// Runs the tests with progress and closes with "N passed, N failed".
//   node scripts/test.mjs all | go | fuzz | client | e2e [playwright arguments]
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
function run(command, args, cwd, onLine, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: child.stdout }).on('line', onLine);
    child.on('error', reject);
    child.on('close', resolve);
  });
}

/** These packages run in real time with real peers: they get the machine for themselves. */
const alone = ['services/relay'];

async function goModule(module) {
  const all = [];
  await run('go', ['list', './...'], join(root, module), (line) => all.push(line));
  const isAlone = (path) => alone.some((name) => path.endsWith(`/${name}`));
  await goTest(module, all.filter((path) => !isAlone(path)));
  for (const path of all.filter(isAlone)) await goTest(module, [path]);
}

/** go test -json: one line per package, the output of failed tests in full. */
async function goTest(module, packages) {
  const output = new Map();
  const before = total.failed;
  const code = await run('go', ['test', '-race', '-p', '2', '-timeout', '10m', '-json', ...packages], join(root, module), (line) => {
    if (!line.startsWith('{')) return console.log(line);
    const event = JSON.parse(line);
    const name = event.Package?.replace('github.com/tongke-edu/tongke/', '') ?? event.ImportPath ?? module;
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

/** Each fuzz target for a few seconds: seeds alone are ordinary tests and have run already. */
async function fuzz() {
  const targets = [];
  await run('grep', ['-rnE', '--include=*_test.go', '^func Fuzz', 'pkg', 'services'], root, (line) => {
    const [, file, name] = line.match(/^([^:]+):\d+:func (Fuzz\w+)/) ?? [];
    if (file && !file.includes('node_modules')) targets.push({ dir: dirname(file), name });
  });
  for (const { dir, name } of targets) {
    const output = [];
    const attempt = () => run('go', ['test', '-run', '^$', '-fuzz', `^${name}$`, '-fuzztime', '2s', '-parallel', '2', '.'], join(root, dir), (line) => output.push(line));
    let code = await attempt();
    // At the end of its time Go sometimes blames its own deadline, without an input that fails.
    if (code !== 0 && output.some((line) => line.includes('context deadline exceeded')) && !output.some((line) => line.includes('Failing input'))) {
      code = await attempt();
    }
    total[code === 0 ? 'passed' : 'failed']++;
    if (code !== 0) console.log(output.join('\n'));
    say(`${code === 0 ? 'ok  ' : 'FAIL'} ${dir} ${name}`);
  }
  if (targets.length === 0) total.failed++;
}

async function clientTests() {
  const report = join(root, '.bin', 'vitest.json');
  rmSync(report, { force: true });
  const code = await run('npx', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`], client, (line) => console.log(line));
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
  go: [['Go, pkg', () => goModule('pkg')], ['Go, services', () => goModule('services')]],
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
