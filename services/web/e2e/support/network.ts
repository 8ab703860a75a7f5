// A bad network between browsers and the product: a TCP proxy for pages and calls, a UDP proxy for media.
// A cut is a black hole, as when a cable is pulled: nothing is refused, nothing arrives.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server as Listener, type Socket } from 'node:net';
import { MediaLine } from './mediaLine';

const host = '127.0.0.1';

/** WebLine carries connections to the web port. */
class WebLine {
  readonly #listener: Listener;
  readonly #sockets = new Set<Socket>();
  /** Who called while the line was cut. */
  readonly #knocking = new Set<Socket>();
  #target = 0;
  #cut = false;

  private constructor(listener: Listener) {
    this.#listener = listener;
    listener.on('connection', (client) => (this.#cut ? this.#knocking.add(client) : this.#carry(client)));
  }

  static async open(): Promise<WebLine> {
    const line = new WebLine(createServer({ pauseOnConnect: true }));
    line.#listener.listen(0, host);
    await once(line.#listener, 'listening');
    return line;
  }

  get url(): string {
    return `http://${host}:${(this.#listener.address() as AddressInfo).port}`;
  }

  to(port: number): void {
    this.#target = port;
  }

  /** While it is cut, bytes wait as they do in a sender's kernel, and arrive when the line is back. */
  cut(cut: boolean): void {
    this.#cut = cut;
    for (const socket of this.#sockets) cut ? socket.pause() : socket.resume();
    if (cut) return;
    for (const client of this.#knocking) this.#letIn(client);
    this.#knocking.clear();
  }

  /** Who gave up during the cut never got through: in a real one nobody would have answered the first packet. */
  #letIn(client: Socket): void {
    const said: Buffer[] = [];
    let gone = false;
    const listen = (bytes: Buffer) => said.push(bytes);
    const leave = () => {
      gone = true;
    };
    client.on('data', listen).on('end', leave).on('error', leave).resume();
    setTimeout(() => {
      client.off('data', listen).off('end', leave).off('error', leave).pause();
      if (gone) client.destroy();
      else this.#carry(client, said);
    }, 20);
  }

  close(): void {
    this.#listener.close();
    for (const socket of [...this.#sockets, ...this.#knocking]) socket.destroy();
  }

  #carry(client: Socket, said: readonly Buffer[] = []): void {
    const server = connect(this.#target, host);
    for (const bytes of said) server.write(bytes);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (bytes) => {
        if (!to.write(bytes)) from.pause();
      });
      to.on('drain', () => this.#cut || from.resume());
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      if (this.#cut) from.pause();
      else from.resume();
    }
  }
}

/** Network is both lines together. Open it first, start the server with `settings`, then `reach` it. */
export class Network {
  private constructor(
    readonly web: WebLine,
    readonly media: MediaLine,
  ) {}

  static async open(): Promise<Network> {
    return new Network(await WebLine.open(), await MediaLine.open());
  }

  /** Settings of a server behind this network. */
  get settings(): string[] {
    return ['--set', `relay.media.advertise=${this.media.address}`];
  }

  reach({ url, media }: { url: string; media: string }): void {
    this.web.to(Number(new URL(url).port));
    this.media.to(Number(media.split(':').pop()));
  }

  cut(cut: boolean): void {
    this.web.cut(cut);
    this.media.cut(cut);
  }

  close(): void {
    this.web.close();
    this.media.close();
  }
}
