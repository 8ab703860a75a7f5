// Starts the product as a school would: one process, its own data directory, demo data.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const binary = process.env.TONGKE ?? join(__dirname, '..', '..', '..', '..', '.bin', 'tongke');

/** The line that `tongke serve --ready-json` prints when everything answers. */
export interface Ready {
  url: string;
  media: string;
  ready_ms: number;
}

export class Server {
  private process: ChildProcess | undefined;
  readonly data: string;
  ready!: Ready;

  private constructor(private readonly args: string[]) {
    this.data = mkdtempSync(join(tmpdir(), 'tongke-e2e-'));
  }

  static async start(args: string[] = []): Promise<Server> {
    const server = new Server(args);
    await server.run(['--port', '0']);
    return server;
  }

  get url(): string {
    return this.ready.url;
  }

  /** Ends the process without warning, as a power cut would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Starts again on the same data and the same ports. */
  async restart(): Promise<void> {
    await this.run(['--port', new URL(this.ready.url).port, '--media-port', this.ready.media.split(':').pop() ?? '0']);
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.data, { recursive: true, force: true });
  }

  private async run(ports: string[]): Promise<void> {
    const child = spawn(binary, ['serve', '--demo', '--data', this.data, '--ready-json', ...ports, ...this.args], {
      stdio: ['ignore', 'pipe', process.env.SERVER_LOG ? 'inherit' : 'ignore'],
    });
    this.process = child;
    this.ready = await new Promise<Ready>((resolve, reject) => {
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        if (line.startsWith('{')) resolve(JSON.parse(line) as Ready);
      });
      child.once('exit', (code) => reject(new Error(`tongke ended with ${code} before it was ready`)));
      child.once('error', reject);
    });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }
}
