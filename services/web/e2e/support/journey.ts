// What every journey has: a server of its own, browsers, and pictures of all pages when a claim fails.
import { test } from '@playwright/test';
import { Network } from './network';
import { School } from './school';
import { Server } from './server';

export class Journey {
  server!: Server;
  school!: School;
  /** Between the school's browsers and the server; only in a journey that asked for it. */
  network!: Network;
}

/**
 * journey starts everything before the claims of the describe block that it is called in, and ends it after them.
 * The claims are one story: each goes on where the one before ended.
 */
export function journey({ badNetwork = false } = {}): Journey {
  const made = new Journey();
  test.describe.configure({ mode: 'serial' });
  test.beforeAll(async () => {
    if (badNetwork) {
      made.network = await Network.open();
      made.server = await Server.start(made.network.settings);
      made.network.reach(made.server);
    } else {
      made.server = await Server.start();
    }
    made.school = new School(badNetwork ? made.network.web.url : made.server.url);
  });
  // Playwright wants to see that no fixture is asked for.
  // biome-ignore lint/correctness/noEmptyPattern: the pattern is that statement.
  test.afterEach(async ({}, info) => {
    if (info.error) await made.school.takePictures(`failed ${info.title}`);
  });
  test.afterAll(async () => {
    try {
      await made.school?.close();
    } finally {
      made.network?.close();
      await made.server?.stop();
    }
  });
  return made;
}
