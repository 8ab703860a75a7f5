// The line between browsers and the media port: each flow can be made bad by itself, in each direction.
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { once } from 'node:events';

const host = '127.0.0.1';

/** What a way does to the datagrams on it; nothing said is a perfect way. */
export interface Conditions {
  /** Share of the datagrams that vanish, from 0 to 1. */
  readonly loss?: number;
  readonly delayMs?: number;
  /** In bits per second. What would wait for longer than in a home router of moderate size is dropped. */
  readonly rate?: number;
}

const longestQueueMs = 200;

/** Way is one direction of a flow. Datagrams keep their order. */
class Way {
  readonly #deliver: (datagram: Buffer) => void;
  readonly #luck: () => number;
  readonly #queue: { datagram: Buffer; dueMs: number }[] = [];
  #conditions: Conditions = {};
  /** When the limit of the rate lets the next datagram begin. */
  #freeMs = 0;
  #lastDueMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(luck: () => number, deliver: (datagram: Buffer) => void) {
    this.#luck = luck;
    this.#deliver = deliver;
  }

  /** What is under way keeps its time. */
  set(conditions: Conditions): void {
    this.#conditions = conditions;
    this.#freeMs = 0;
  }

  send(datagram: Buffer): void {
    const { loss = 0, delayMs = 0, rate } = this.#conditions;
    const now = performance.now();
    if (this.#luck() < loss || (rate && this.#freeMs - now > longestQueueMs)) return;
    let dueMs = now;
    if (rate) dueMs = this.#freeMs = Math.max(this.#freeMs, now) + (datagram.length * 8_000) / rate;
    dueMs = this.#lastDueMs = Math.max(dueMs + delayMs, this.#lastDueMs);
    if (dueMs <= now) return this.#deliver(datagram);
    this.#queue.push({ datagram, dueMs });
    this.#timer ??= setTimeout(() => this.#pump(), dueMs - now);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #pump(): void {
    const now = performance.now();
    const due = this.#queue.findIndex(({ dueMs }) => dueMs > now);
    for (const { datagram } of this.#queue.splice(0, due < 0 ? this.#queue.length : due)) this.#deliver(datagram);
    const [next] = this.#queue;
    this.#timer = next && setTimeout(() => this.#pump(), next.dueMs - now);
  }
}

/** A flow is one media connection as the line sees it: an address of a browser, with a socket towards the relay. */
interface Flow {
  readonly socket: Datagrams;
  readonly up: Way;
  readonly down: Way;
}

/** MediaLine carries datagrams to the media port. */
export class MediaLine {
  readonly #socket: Datagrams;
  readonly #flows = new Map<string, Flow>();
  #target = 0;
  #cut = false;
  #seed = 1;

  private constructor(socket: Datagrams) {
    this.#socket = socket;
    socket.on('message', (datagram, from) => this.#flow(from.address, from.port).up.send(datagram));
  }

  static async open(): Promise<MediaLine> {
    const socket = createSocket('udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    return new MediaLine(socket);
  }

  get address(): string {
    return `${host}:${this.#socket.address().port}`;
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

  /** impair sets the ways of these flows: down to the browser, and up from it. */
  impair(flows: Iterable<string>, down: Conditions, up: Conditions = down): void {
    for (const name of flows) {
      this.#flows.get(name)?.down.set(down);
      this.#flows.get(name)?.up.set(up);
    }
  }

  close(): void {
    for (const { socket, up, down } of this.#flows.values()) {
      up.close();
      down.close();
      socket.close();
    }
    this.#socket.close();
  }

  #flow(address: string, port: number): Flow {
    const name = `${address}:${port}`;
    const known = this.#flows.get(name);
    if (known) return known;
    const socket = createSocket('udp4');
    const luck = () => this.#random();
    const flow: Flow = {
      socket,
      up: new Way(luck, (datagram) => this.#cut || socket.send(datagram, this.#target, host)),
      down: new Way(luck, (datagram) => this.#cut || this.#socket.send(datagram, port, address)),
    };
    socket.on('message', (answer) => flow.down.send(answer));
    socket.on('error', () => undefined); // The relay is away for a moment.
    this.#flows.set(name, flow);
    return flow;
  }

  /** Mulberry32: from 0 to 1, the same sequence in each run. */
  #random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#seed ^ (this.#seed >>> 15), this.#seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
