// Chromiums with their own camera and microphone. Each person is a browser of its own: fake devices are per process.
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { cameraFile, microphoneFile, type Who } from './media';

const quiet = [
  '--no-sandbox',
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
  close(): Promise<void>;
}

export interface PersonOptions {
  /** Whose camera and microphone; without it the machine has none. */
  who?: Who;
  viewport?: { width: number; height: number };
  /** Leave the real autoplay and permission behaviour on. */
  strict?: boolean;
  args?: string[];
  locale?: string;
  /** Permissions that are granted up front, as a kiosk's policies do; only with strict. */
  permissions?: string[];
}

export const laptop = { width: 1366, height: 768 };
export const classroomScreen = { width: 1920, height: 1080 };
export const phone = { width: 390, height: 844 };

export async function person(baseURL: string, options: PersonOptions = {}): Promise<Person> {
  const args = [...quiet, ...(options.args ?? [])];
  if (options.who) {
    args.push('--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${cameraFile(options.who)}`, `--use-file-for-fake-audio-capture=${microphoneFile(options.who)}`);
  }
  if (!options.strict) args.push('--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required', '--disable-features=WebRtcHideLocalIpsWithMdns');
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args });
  const context = await browser.newContext({
    baseURL,
    locale: options.locale ?? 'zh-CN',
    viewport: options.viewport ?? laptop,
    ignoreHTTPSErrors: true,
    ...(options.permissions ? { permissions: options.permissions } : {}),
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.log(`[page error] ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') console.log(`[console] ${message.text()}`);
  });
  return { browser, context, page, close: () => browser.close() };
}
