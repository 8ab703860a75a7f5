import { Code, ConnectError } from '@connectrpc/connect';
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { faultError } from '../core/testing/fakeLesson';
import { FaultSchema, Reason } from '../gen/tongke/common/v1/fault_pb';
import { Role } from '../gen/tongke/common/v1/rule_pb';
import { FakeSchool } from './testing/fakeSchool';
import { openPage } from './testing/openPage';

async function signIn(login: string, password: string): Promise<void> {
  fireEvent.change(await screen.findByTestId('login'), { target: { value: login } });
  fireEvent.change(screen.getByTestId('password'), { target: { value: password } });
  fireEvent.click(screen.getByTestId('sign-in'));
}

function signedOut(): FakeSchool {
  const school = new FakeSchool();
  school.signedIn = false;
  return school;
}

describe('LoginPage', () => {
  it('says in plain words that login or password is wrong, and stays', async () => {
    const school = signedOut();
    school.failures.set('signIn', faultError(Code.Unauthenticated, Reason.WRONG_CREDENTIALS));
    const { router } = openPage(school, '/login');
    await signIn('teacher', 'wrong');
    expect((await screen.findByTestId('fault')).textContent).toContain('账号或密码不正确');
    expect(router.state.location.pathname).toBe('/login');
  });

  it('says for how long an account is locked', async () => {
    const school = signedOut();
    const locked = { reason: Reason.ACCOUNT_LOCKED, retryAfter: { seconds: 290n } };
    school.failures.set(
      'signIn',
      new ConnectError('', Code.ResourceExhausted, undefined, [{ desc: FaultSchema, value: locked }]),
    );
    openPage(school, '/login');
    await signIn('teacher', 'wrong');
    expect((await screen.findByTestId('fault')).textContent).toContain('请在 5 分钟后再试');
  });

  it('asks for what is missing without calling the server', async () => {
    const school = signedOut();
    openPage(school, '/login');
    fireEvent.click(await screen.findByTestId('sign-in'));
    expect(await screen.findByText('请输入账号')).toBeTruthy();
    expect(school.called('signIn')).toEqual([]);
  });

  it('leads a scheduler to the scheduler’s page', async () => {
    const school = signedOut();
    school.person.roles = [Role.SCHEDULER];
    const { router } = openPage(school, '/login');
    await signIn(' scheduler ', 'right-password');
    await waitFor(() => expect(router.state.location.pathname).toBe('/scheduler'));
    expect(school.called('signIn')).toMatchObject([{ login: 'scheduler', password: 'right-password' }]);
  });

  it('goes back to where a signed-out person came from, but never to another site', async () => {
    const school = signedOut();
    const { router } = openPage(school, '/login?next=//evil.example/');
    await signIn('teacher', 'right-password');
    await waitFor(() => expect(router.state.location.pathname).toBe('/teacher'));
  });

  it('is where a signed-out person ends up from any page', async () => {
    const { router } = openPage(signedOut(), '/operator');
    await waitFor(() => expect(router.state.location.pathname).toBe('/login'));
    expect(router.state.location.search).toBe('?next=%2Foperator');
    expect((await screen.findByTestId('why')).textContent).toContain('请先登录');
  });

  it('says that the session has ended to whom it happens to', async () => {
    const school = new FakeSchool();
    const { core } = openPage(school, '/teacher');
    await screen.findByTestId('account');
    school.signedIn = false;
    core.session.expired();
    expect((await screen.findByTestId('why')).textContent).toContain('登录已过期');
  });
});
