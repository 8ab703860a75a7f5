// Starts the product as a school would: one process, its own data directory, demo data.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const binary = process.env.TONGKE ?? join(__dirname, '..', '..', '..', '..', '.bin', 'tongke');

/** The line that `tongke serve --ready-json` prints when everything answers. */
interface Ready {
  url: string;
  https: string;
  media: string;
}

const portOf = (address: string) => address.split(':').pop() ?? '0';

export class Server {
  readonly #args: string[];
  readonly #data = mkdtempSync(join(tmpdir(), 'tongke-e2e-'));
  #process: ChildProcess | undefined;
  #ready!: Ready;

  private constructor(args: string[]) {
    this.#args = args;
  }

  /** Starts on free ports. */
  static async start(args: string[] = []): Promise<Server> {
    const server = new Server(args);
    await server.#run({ web: '0', tls: '0', media: '0' });
    return server;
  }

  get url(): string {
    return this.#ready.url;
  }

  get media(): string {
    return this.#ready.media;
  }

  /** Ends the process without warning, as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Starts again on the same data and the same ports. */
  async restart(): Promise<void> {
    const { url, https, media } = this.#ready;
    await this.#run({ web: portOf(url), tls: portOf(https), media: portOf(media) });
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    rmSync(this.#data, { recursive: true, force: true });
  }

  /** Gives an account another password, as an administrator does at the server; its sessions end. */
  setPassword(login: string, password: string): void {
    execFileSync(binary, ['admin', 'password', login, '--data', this.#data], { input: `${password}\n` });
  }

  async #run(ports: { web: string; tls: string; media: string }): Promise<void> {
    const where = ['--port', ports.web, '--tls-port', ports.tls, '--media-port', ports.media];
    const child = spawn(binary, ['serve', '--demo', '--data', this.#data, '--ready-json', ...where, ...this.#args], {
      stdio: ['ignore', 'pipe', process.env.SERVER_LOG ? 'inherit' : 'ignore'],
    });
    this.#process = child;
    this.#ready = await new Promise<Ready>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.startsWith('{')) resolve(JSON.parse(line) as Ready);
      });
      child.once('exit', (code) => reject(new Error(`tongke ended with ${code} before it was ready`)));
      child.once('error', reject);
    });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }
}
