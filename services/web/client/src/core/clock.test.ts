// @vitest-environment node
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { ServerClock } from './clock';

describe('ServerClock', () => {
  it('trusts the message that was least late', () => {
    let page = 1_000;
    const clock = new ServerClock(() => page);
    clock.observe(timestampFromMs(50_000)); // arrived at once
    page += 3_000;
    clock.observe(timestampFromMs(52_000)); // arrived 1 s late
    expect(clock.now()).toBe(53_000);
  });

  it('forgets old observations, so that it follows a server whose clock was set back', () => {
    let page = 0;
    const clock = new ServerClock(() => page);
    clock.observe(timestampFromMs(1_000_000));
    for (let i = 0; i < 20; i++) {
      page += 2_000;
      clock.observe(timestampFromMs(500_000 + page));
    }
    expect(clock.now()).toBe(500_000 + page);
  });

  it('is the computer’s own clock until the server was heard', () => {
    const clock = new ServerClock();
    expect(clock.synced).toBe(false);
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
  });
});
