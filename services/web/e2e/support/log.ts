// Reads a lesson's log as an observer does over the public API: Connect with JSON, no code of the client.
// It is the witness for "no event lost or doubled".
import { once } from 'node:events';
import { type IncomingMessage, request as post } from 'node:http';
import { request } from '@playwright/test';
import { signInBy } from './api';

/** LogEvent is a lesson event in JSON: its ordinal, its time, its actor, and one key that names what happened. */
export interface LogEvent {
  ordinal: number;
  actorId?: string;
  kind: string;
  value: Record<string, unknown>;
}

interface Frame {
  event?: Record<string, unknown> & { ordinal: string; actorId?: string };
  heartbeat?: { lastOrdinal: string };
  error?: { message?: string };
}

/** readLog gives every event of a lesson so far, from the second on: the first is the plan. */
export async function readLog(url: string, lessonId: string): Promise<LogEvent[]> {
  const cookie = await cookieOf(url, 'observer');
  const message = { lessonId, windowId: `journey-${Date.now()}`, fromOrdinal: '1', takeOver: true };
  const answer = await attend(url, cookie, message);
  const events: LogEvent[] = [];
  try {
    for await (const { event, heartbeat, error } of frames(answer)) {
      if (error) throw new Error(`Attend: ${error.message}`);
      if (event) events.push(eventOf(event));
      if (heartbeat && Number(heartbeat.lastOrdinal) <= (events.at(-1)?.ordinal ?? 1)) break;
    }
  } finally {
    answer.destroy();
  }
  return events;
}

/** Not by fetch, which opens a connection in store for the one that was cut: a server that stops waits 5 s for it. */
async function attend(url: string, cookie: string, message: object): Promise<IncomingMessage> {
  const headers = { 'content-type': 'application/connect+json', 'connect-protocol-version': '1', origin: url, cookie };
  const call = post(`${url}/tongke.classroom.v1.ClassroomService/Attend`, { method: 'POST', headers, agent: false });
  call.end(enveloped(message));
  const [answer] = await once(call, 'response');
  return answer;
}

async function cookieOf(url: string, login: string): Promise<string> {
  const caller = await request.newContext();
  await signInBy(caller, url, login);
  const { cookies } = await caller.storageState();
  await caller.dispose();
  return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
}

/** A message of a Connect stream: flags, length, body. */
function enveloped(message: unknown): Uint8Array<ArrayBuffer> {
  const body = new TextEncoder().encode(JSON.stringify(message));
  const bytes = new Uint8Array(5 + body.length);
  new DataView(bytes.buffer).setUint32(1, body.length);
  bytes.set(body, 5);
  return bytes;
}

async function* frames(answer: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let pending = Buffer.alloc(0);
  for await (const piece of answer) {
    pending = Buffer.concat([pending, piece]);
    while (pending.length >= 5 && pending.length >= 5 + pending.readUInt32BE(1)) {
      const end = 5 + pending.readUInt32BE(1);
      yield JSON.parse(pending.subarray(5, end).toString()) as Frame;
      pending = pending.subarray(end);
    }
  }
}

function eventOf({ ordinal, actorId, ...rest }: NonNullable<Frame['event']>): LogEvent {
  const kind = Object.keys(rest).find((key) => key !== 'at') ?? '';
  return { ordinal: Number(ordinal), actorId, kind, value: rest[kind] as Record<string, unknown> };
}
