// Reads a lesson's log as an observer does over the public API: Connect with JSON, no code of the client.
// It is the witness for "no event lost or doubled".

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
  const cookie = await signIn(url, 'observer');
  const stop = new AbortController();
  const answer = await fetch(`${url}/tongke.classroom.v1.ClassroomService/Attend`, {
    method: 'POST',
    headers: { 'content-type': 'application/connect+json', 'connect-protocol-version': '1', origin: url, cookie },
    body: enveloped({ lessonId, windowId: `journey-${Date.now()}`, fromOrdinal: '1', takeOver: true }),
    signal: stop.signal,
  });
  const events: LogEvent[] = [];
  try {
    for await (const { event, heartbeat, error } of frames(answer)) {
      if (error) throw new Error(`Attend: ${error.message}`);
      if (event) events.push(eventOf(event));
      if (heartbeat && Number(heartbeat.lastOrdinal) <= (events.at(-1)?.ordinal ?? 1)) break;
    }
  } finally {
    stop.abort();
  }
  return events;
}

async function signIn(url: string, login: string): Promise<string> {
  const answer = await fetch(`${url}/tongke.web.v1.SessionService/SignIn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ login, password: 'tongke-demo' }),
  });
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
}

/** A message of a Connect stream: flags, length, body. */
function enveloped(message: unknown): Uint8Array<ArrayBuffer> {
  const body = new TextEncoder().encode(JSON.stringify(message));
  const bytes = new Uint8Array(5 + body.length);
  new DataView(bytes.buffer).setUint32(1, body.length);
  bytes.set(body, 5);
  return bytes;
}

async function* frames(answer: Response): AsyncGenerator<Frame> {
  let pending = Buffer.alloc(0);
  for await (const piece of answer.body ?? []) {
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
