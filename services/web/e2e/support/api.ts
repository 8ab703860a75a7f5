// What people do over the public API, where a journey is not about the page on which they would do it.
import type { APIRequestContext } from '@playwright/test';

/** The password of everybody in the demo school. */
export const password = 'tongke-demo';

/** signInBy signs in as the form of /login does: the session's cookie is with that of the request's pages from then on. */
export async function signInBy(request: APIRequestContext, url: string, login: string): Promise<void> {
  await call(request, url, 'tongke.web.v1.SessionService/SignIn', { login, password });
}

/** claimCode gives the screen that shows a code to a classroom, as the scheduler's page does. */
export async function claimCode(
  request: APIRequestContext,
  url: string,
  code: string,
  classroomId: string,
): Promise<void> {
  await call(request, url, 'tongke.directory.v1.DirectoryService/ClaimPairingCode', { code, classroomId });
}

async function call(request: APIRequestContext, url: string, method: string, data: object): Promise<void> {
  const answer = await request.post(`${url}/${method}`, { headers: { origin: url }, data });
  if (!answer.ok()) throw new Error(`${method}: ${answer.status()} ${await answer.text()}`);
}
