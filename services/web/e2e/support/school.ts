// The people of the demo school and what they do on the product's pages.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type APIRequestContext, expect, type Page, request } from '@playwright/test';
import { claimCode, password, signInBy } from './api';
import { classroomScreen, type Person, type PersonOptions, person } from './browsers';

/** The classrooms of the demo lesson that can be started at once, by the camera and microphone that stand in them, and one more. */
export const rooms = {
  room1: { id: 'rom_demo_sizhong_1', name: '高一（1）班', choice: '高一（1）班 · 雄安北京四中' },
  room2: { id: 'rom_demo_sizhong_2', name: '高一（2）班', choice: '高一（2）班 · 雄安北京四中' },
  /** Has its lesson in an hour. */
  kindergarten: { id: 'rom_demo_beihai_1', name: '大（1）班', choice: '大（1）班 · 雄安北海幼儿园' },
} as const;
export type RoomKey = keyof typeof rooms;

/** Pictures of page states, for people to look at. */
export const picturesDir = join(__dirname, '..', 'out', 'pictures');

export async function takePicture(page: Page, name: string): Promise<void> {
  mkdirSync(picturesDir, { recursive: true });
  await page.screenshot({ path: join(picturesDir, `${name}.png`) });
}

/** Selector of a part by its test id. */
export const part = (id: string) => `[data-testid="${id}"]`;

/** signIn fills in the form. */
export async function signIn(page: Page, login: string, secret = password): Promise<void> {
  await page.goto('/login');
  await page.getByTestId('login').fill(login);
  await page.getByTestId('password').fill(secret);
  await page.getByTestId('sign-in').click();
}

/** The pages of people who come at the same time. */
export async function pagesOf<People extends Promise<Person>[]>(
  ...people: People
): Promise<{ [one in keyof People]: Page }> {
  return (await Promise.all(people)).map(({ page }) => page) as { [one in keyof People]: Page };
}

/** The code that a screen shows. */
export async function codeOn(screen: Page): Promise<string> {
  const code = screen.getByTestId('pairing-code');
  await expect(code).toHaveAttribute('data-code', /^[A-Z0-9]{6}$/);
  return (await code.getAttribute('data-code')) ?? '';
}

/** Enters a code for a classroom on the scheduler's page and presses the button; what happens then is to be looked at. */
export async function enterCode(desk: Page, code: string, room: RoomKey): Promise<void> {
  await desk.getByTestId('tab-screens').click();
  await desk.getByTestId('pairing-code').fill(code);
  await desk.getByTestId('pairing-classroom').click();
  await desk.keyboard.type(rooms[room].name);
  await desk.getByTitle(rooms[room].choice, { exact: true }).click();
  await desk.getByTestId('pair').click();
}

/**
 * School keeps the pages of one journey and closes them at its end. People sign in and screens are paired over the API;
 * journeys about these pages use signIn and enterCode.
 */
export class School {
  readonly #url: string;
  readonly #people: Person[] = [];
  #desk: Promise<Page> | undefined;
  #scheduler: Promise<APIRequestContext> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** Somebody with cookies of their own, at no page yet. */
  async somebody(options: PersonOptions = {}, url = this.#url): Promise<Person> {
    const one = await person(url, options);
    this.#people.push(one);
    return one;
  }

  /** Somebody without a camera, signed in and at the page that they work on first. */
  async guest(login: string, { url = this.#url, ...options }: PersonOptions & { url?: string } = {}): Promise<Page> {
    const { page } = await this.somebody(options, url);
    await arrive(page, url, login);
    return page;
  }

  /** The scheduler in front of classrooms and screens. */
  async desk(): Promise<Page> {
    this.#desk ??= this.guest('scheduler');
    return this.#desk;
  }

  /** The lead teacher in the demo lesson, before its start. */
  async teacher(options: PersonOptions = { who: 'teacher' }): Promise<Person> {
    const teacher = await this.somebody(options);
    await arrive(teacher.page, this.#url, 'teacher');
    await teacher.page.getByTestId('enter-lesson').click();
    await expect(teacher.page.getByTestId('waiting')).toBeVisible();
    return teacher;
  }

  /** A classroom's screen, paired by its code; it enters the demo lesson by itself. */
  async screen(room: 'room1' | 'room2', options: PersonOptions = {}): Promise<Person> {
    const screen = await this.somebody({ who: room, viewport: classroomScreen, ...options });
    await screen.page.goto('/screen');
    await this.pair(screen.page, room);
    await expect(screen.page.getByTestId('screen-live')).toBeVisible();
    return screen;
  }

  async pair(screen: Page, room: RoomKey): Promise<void> {
    this.#scheduler ??= this.#signedIn('scheduler');
    await claimCode(await this.#scheduler, this.#url, await codeOn(screen), rooms[room].id);
  }

  async #signedIn(login: string): Promise<APIRequestContext> {
    const caller = await request.newContext();
    await signInBy(caller, this.#url, login);
    return caller;
  }

  /** The whole browser of a page dies, as when the computer is switched off. */
  async dies(page: Page): Promise<void> {
    await this.#people.find((one) => one.page === page)?.browser.close();
  }

  /** Pictures of all pages as they are now. */
  async takePictures(name: string): Promise<void> {
    for (const [i, { page }] of this.#people.entries()) {
      if (!page.isClosed()) await takePicture(page, `${name} ${i + 1}`);
    }
  }

  /** Closes all pages; none may have broken. */
  async close(): Promise<void> {
    await Promise.all(this.#people.map((one) => one.close()));
    await (await this.#scheduler)?.dispose();
    expect(this.#people.flatMap(({ errors }) => errors)).toEqual([]);
  }
}

/** Signs in over the API and opens the page that this person works on first. */
async function arrive(page: Page, url: string, login: string): Promise<void> {
  await signInBy(page.context().request, url, login);
  await page.goto('/');
}

export async function startLesson(teacher: Page): Promise<void> {
  await teacher.getByTestId('start-lesson').click();
  await expect(teacher.getByTestId('live')).toBeVisible();
}

/** The teacher ends it, and says yes when asked. */
export async function endLesson(teacher: Page): Promise<void> {
  await teacher.getByTestId('end-lesson').click();
  await teacher.getByRole('dialog').getByRole('button', { name: '下课' }).click();
  await expect(teacher.getByTestId('summary')).toBeVisible();
  await expect(teacher.getByRole('dialog')).toBeHidden();
}

/** The id of the lesson that a teacher's page shows. */
export function lessonOf(teacher: Page): string {
  return new URL(teacher.url()).pathname.split('/').pop() ?? '';
}

/** Posts a line of chat on the teacher's or the assistant's page. */
export async function post(page: Page, text: string): Promise<void> {
  await page.getByTestId('chat-input').fill(text);
  await page.getByTestId('chat-send').click();
}

/** The lines of chat that a page shows, without who and when. */
export async function linesOf(page: Page): Promise<string[]> {
  return page.getByTestId('chat-lines').evaluate((list) =>
    [...list.querySelectorAll('p:has(small)')].map((line) => {
      const said = line.cloneNode(true) as HTMLElement;
      said.querySelector('small')?.remove();
      return said.textContent ?? '';
    }),
  );
}
