// Chromiums with their own camera and microphone. Fake devices are per process, so everybody with a camera has a browser.
// The journeys share these browsers one after the other: starting one takes a second or two, an empty context in it none.
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { cameraFile, microphoneFile, type Who } from './media';
import { notePeers } from './uplink';
import { noteSounds } from './witness';

const quiet = [
  '--no-sandbox',
  '--lang=zh-CN',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  // The suggestions of the address bar are two pages more for each of ours: a second and a half of processor time.
  '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup',
];

export interface Person {
  browser: Browser;
  context: BrowserContext;
  page: Page;
  /** What broke in the pages; a journey ends with none. */
  errors: string[];
  /** Ends the pages, with their cookies and connections. */
  close: () => Promise<void>;
}

export interface PersonOptions {
  /** Whose camera and microphone; without it the machine has none. */
  who?: Who;
  viewport?: { width: number; height: number };
  /** Leave the real autoplay and permission behaviour on, in a browser that has just been started. */
  strict?: boolean;
  /** A phone: fingers instead of a mouse. */
  touch?: boolean;
  /** Permissions that somebody gave before; only with strict. */
  permissions?: string[];
  /** Keep the page's media connections where layersOf finds them. */
  measured?: boolean;
  /** What is changed in the browser before its first page. */
  before?: (context: BrowserContext) => Promise<void>;
}

export const laptop = { width: 1366, height: 768 };
export const classroomScreen = { width: 1920, height: 1080 };
export const phone = { width: 390, height: 844 };

/** person opens an empty page in a browser with the camera and microphone that the options name. */
export async function person(baseURL: string, options: PersonOptions = {}): Promise<Person> {
  if (!options.strict) return visitor(await running(options.who), baseURL, options);
  const browser = await launch(devicesOf(options.who));
  return { ...(await visitor(browser, baseURL, options)), close: () => browser.close() };
}

const launched = new Map<Who | undefined, Promise<Browser>>();

/** running gives the worker's browser with somebody's devices. Playwright ends it with the worker. */
function running(who: Who | undefined): Promise<Browser> {
  const known = launched.get(who);
  if (known) return known;
  const browser = launch([
    ...devicesOf(who),
    '--use-fake-ui-for-media-stream',
    '--autoplay-policy=no-user-gesture-required',
  ]);
  const forget = () => launched.delete(who);
  launched.set(who, browser);
  browser.then((started) => started.once('disconnected', forget), forget);
  return browser;
}

function launch(args: string[]): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, headless: true, args: [...quiet, ...args] });
}

function devicesOf(who: Who | undefined): string[] {
  if (!who) return [];
  return [
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${cameraFile(who)}`,
    `--use-file-for-fake-audio-capture=${microphoneFile(who)}`,
  ];
}

/** visitor opens a page with cookies and storage of its own. */
async function visitor(
  browser: Browser,
  baseURL: string,
  { viewport = laptop, permissions, touch = false, measured = false, before }: PersonOptions = {},
): Promise<Person> {
  const context = await browser.newContext({
    baseURL,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    viewport,
    hasTouch: touch,
    isMobile: touch,
    ...(permissions && { permissions }),
  });
  await context.addInitScript(noteSounds);
  if (measured) await context.addInitScript(notePeers);
  // A tone is what noise suppression removes: the microphones of these people are set to "original sound".
  await context.addInitScript(() => {
    if (!localStorage.getItem('tongke.devices')) localStorage.setItem('tongke.devices', '{"rawSound":true}');
  });
  await before?.(context);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  return { browser, context, page, errors, close: () => context.close() };
}
