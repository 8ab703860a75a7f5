// Chromiums with their own camera and microphone. Each person is a browser of its own: fake devices are per process.
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
];

export interface Person {
  browser: Browser;
  context: BrowserContext;
  page: Page;
  /** What broke in the pages; a journey ends with none. */
  errors: string[];
}

export interface PersonOptions {
  /** Whose camera and microphone; without it the machine has none. */
  who?: Who;
  viewport?: { width: number; height: number };
  /** Leave the real autoplay and permission behaviour on. */
  strict?: boolean;
  /** A phone: fingers instead of a mouse. */
  touch?: boolean;
  args?: string[];
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

/** person starts a browser and opens an empty page in it. */
export async function person(baseURL: string, options: PersonOptions = {}): Promise<Person> {
  const args = [...quiet, ...(options.args ?? [])];
  if (options.who) {
    args.push(
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${cameraFile(options.who)}`,
      `--use-file-for-fake-audio-capture=${microphoneFile(options.who)}`,
    );
  }
  if (!options.strict) args.push('--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required');
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, headless: true, args });
  return visitor(browser, baseURL, options);
}

/** visitor opens a page in a browser that runs already, with cookies and storage of its own. */
export async function visitor(
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
  return { browser, context, page, errors };
}
