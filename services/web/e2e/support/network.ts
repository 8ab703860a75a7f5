// A bad network between browsers and the product: a TCP proxy for pages and calls, a UDP proxy for media.
// A cut is a black hole, as when a cable is pulled: nothing is refused, nothing arrives.
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server as Listener, type Socket } from 'node:net';

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

/** A flow is one media connection as the line sees it: an address of a browser, with a socket towards the relay. */
interface Flow {
  readonly up: Datagrams;
  loss: number;
}

/** MediaLine carries datagrams to the media port. */
class MediaLine {
  readonly #down: Datagrams;
  readonly #flows = new Map<string, Flow>();
  #target = 0;
  #cut = false;
  #seed = 1;

  private constructor(down: Datagrams) {
    this.#down = down;
    down.on('message', (datagram, from) => this.#up(datagram, from.address, from.port));
  }

  static async open(): Promise<MediaLine> {
    const down = createSocket('udp4');
    down.bind(0, host);
    await once(down, 'listening');
    return new MediaLine(down);
  }

  get address(): string {
    return `${host}:${this.#down.address().port}`;
  }

  to(port: number): void {
    this.#target = port;
  }

  cut(cut: boolean): void {
    this.#cut = cut;
  }

  /** Names of the flows so far. Whoever connects next has those that are new then. */
  flows(): Set<string> {
    return new Set(this.#flows.keys());
  }

  /** lose drops a share of the datagrams of these flows, in both directions. */
  lose(share: number, flows: Iterable<string>): void {
    for (const name of flows) {
      const flow = this.#flows.get(name);
      if (flow) flow.loss = share;
    }
  }

  close(): void {
    this.#down.close();
    for (const { up } of this.#flows.values()) up.close();
  }

  #up(datagram: Buffer, address: string, port: number): void {
    const name = `${address}:${port}`;
    let flow = this.#flows.get(name);
    if (!flow) {
      const opened: Flow = { up: createSocket('udp4'), loss: 0 };
      opened.up.on('message', (answer) => this.#passes(opened) && this.#down.send(answer, port, address));
      opened.up.on('error', () => undefined); // The relay is away for a moment.
      this.#flows.set(name, opened);
      flow = opened;
    }
    if (this.#passes(flow)) flow.up.send(datagram, this.#target, host);
  }

  #passes({ loss }: Flow): boolean {
    return !this.#cut && this.#random() >= loss;
  }

  /** Mulberry32: from 0 to 1, the same sequence in each run. */
  #random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#seed ^ (this.#seed >>> 15), this.#seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
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
