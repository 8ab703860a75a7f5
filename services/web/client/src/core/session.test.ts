// @vitest-environment node

import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { createRouterTransport } from '@connectrpc/connect';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Role } from '../gen/tongke/common/v1/rule_pb';
import { PersonSchema, PrincipalSchema } from '../gen/tongke/directory/v1/directory_pb';
import { SessionService } from '../gen/tongke/web/v1/session_pb';
import { createApi } from './api';
import { ServerClock } from './clock';
import { createCore } from './core';
import { Day, lessonToJoin, nextLesson, opensBeforeMs, today } from './day';
import { Pairing } from './pairing';
import { homeOf, Session } from './session';
import { unavailable } from './testing/fakeLesson';
import { classroom, FakeServer } from './testing/fakeServer';
import { zoneNamed } from './zone';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

describe('Session', () => {
  it('knows who is here, and the server’s time', async () => {
    const server = new FakeServer();
    server.who = { case: 'classroom', value: classroom };
    const { session, clock } = createCore(server.transport);
    const view = await session.load();
    expect(view.status).toBe('signedIn');
    expect(homeOf(view)).toBe('/screen');
    expect(Math.abs(clock.now() - server.serverTimeMs)).toBeLessThan(1_000);
  });

  it('asks once for all who wait', async () => {
    let asked = 0;
    const transport = createRouterTransport(({ service }) => {
      service(SessionService, { getSession: () => ({ version: String(++asked) }) });
    });
    const session = new Session(createApi(transport), new ServerClock());
    const views = await Promise.all([session.load(), session.load()]);
    expect(views.map((view) => view.status)).toEqual(['signedOut', 'signedOut']);
    expect(asked).toBe(1);
  });

  it('says unreachable after some tries, not signed out', async () => {
    const transport = createRouterTransport(({ service }) => {
      service(SessionService, {
        getSession: () => {
          throw unavailable();
        },
      });
    });
    const session = new Session(createApi(transport), new ServerClock());
    const loading = session.load();
    await settle(20_000);
    expect((await loading).status).toBe('unreachable');
  });

  it('sends each role to the page that it works on', () => {
    const person = (...roles: Role[]) => ({
      status: 'signedIn' as const,
      version: '',
      principal: create(PrincipalSchema, { who: { case: 'person', value: create(PersonSchema, { roles }) } }),
    });
    expect(homeOf(person(Role.ASSISTANT))).toBe('/assistant');
    expect(homeOf(person(Role.ADMINISTRATOR, Role.TEACHER))).toBe('/teacher');
    expect(homeOf(person())).toBe('/login');
  });
});

describe('Pairing', () => {
  it('keeps its code while the server is away, and takes a new one when it expires', async () => {
    const server = new FakeServer();
    const { api, clock } = createCore(server.transport);
    clock.observe(timestampFromMs(server.serverTimeMs));
    const pairing = new Pairing(api, clock);
    pairing.start();
    await settle(5_000);
    expect(pairing.getSnapshot()).toMatchObject({ status: 'showing', code: 'CODE10', offline: false });
    server.serverTimeMs += 600_000;
    await settle(600_000);
    expect(pairing.getSnapshot().code).toBe('CODE11');
    server.claimed = true;
    await settle(2_000);
    expect(pairing.getSnapshot()).toMatchObject({ status: 'paired', classroom: { name: '一班' } });
    pairing.stop();
    expect(server.codes).toHaveLength(2);
  });
});

describe('the day of a classroom', () => {
  const day = async (...startsInMs: number[]) => {
    const server = new FakeServer();
    server.who = { case: 'classroom', value: classroom };
    for (const [i, ms] of startsInMs.entries()) server.plan(ms, `lsn_${i + 1}`);
    const { api, clock } = createCore(server.transport);
    const plan = new Day(api, clock, zoneNamed(classroom.timeZone));
    await plan.read();
    return { server, plan, now: server.serverTimeMs };
  };

  it('has a lesson to join from 15 minutes before it starts until its end', async () => {
    const { plan, now } = await day(opensBeforeMs + 1_000);
    const join = (at: number) => lessonToJoin(plan.getSnapshot(), at, new Set())?.id;
    expect(join(now)).toBeUndefined();
    expect(join(now + 1_000)).toBe('lsn_1');
    expect(join(now + 24 * 3_600_000)).toBeUndefined();
    expect(lessonToJoin(plan.getSnapshot(), now + 1_000, new Set(['lsn_1']))).toBeUndefined();
  });

  it('is the campus’s, from midnight to midnight there, and late in the evening the next two hours too', () => {
    const zone = zoneNamed('Asia/Shanghai');
    const midnight = Date.UTC(2026, 10, 22, 16);
    const day = { fromMs: midnight, toMs: midnight + 24 * 3_600_000 };
    expect(today(zone, midnight)).toEqual(day);
    expect(today(zone, midnight + 22 * 3_600_000)).toEqual(day);
    expect(today(zone, midnight + 23 * 3_600_000)).toEqual({ ...day, toMs: day.toMs + 3_600_000 });
  });

  it('prefers the lesson that is live, and stays in it when it runs over time', async () => {
    const { server, plan, now } = await day(600_000, -3_000_000);
    server.lesson.happens({ case: 'lessonStarted', value: {} });
    await plan.read();
    expect(lessonToJoin(plan.getSnapshot(), now + 1, new Set())?.id).toBe('lsn_1');
    expect(lessonToJoin(plan.getSnapshot(), now + 4_000_000, new Set())?.id).toBe('lsn_1');
  });

  it('knows the next lesson, and keeps what it knew while the server is away', async () => {
    const { server, plan, now } = await day(-60_000, 3_600_000);
    expect(nextLesson(plan.getSnapshot(), now)?.id).toBe('lsn_2');
    expect(nextLesson(plan.getSnapshot(), now, 'lsn_2')).toBeUndefined();
    server.who = undefined;
    await plan.read();
    expect(plan.getSnapshot()).toMatchObject({ status: 'failed', fault: { name: 'SESSION_EXPIRED' } });
    expect(plan.getSnapshot().lessons).toHaveLength(2);
  });
});
