import { Code } from '@connectrpc/connect';
import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { faultError } from '../core/testing/fakeLesson';
import { Reason } from '../gen/tongke/common/v1/fault_pb';
import { FakeSchool } from './testing/fakeSchool';
import { openPage } from './testing/openPage';

async function change(next: string, again = next): Promise<void> {
  fireEvent.change(await screen.findByTestId('current-password'), { target: { value: 'old-password' } });
  fireEvent.change(screen.getByTestId('new-password'), { target: { value: next } });
  fireEvent.change(screen.getByTestId('repeat-password'), { target: { value: again } });
  fireEvent.click(screen.getByTestId('change-password'));
}

describe('PasswordPage', () => {
  it('changes nothing while the new passwords differ or are too short', async () => {
    const school = new FakeSchool();
    openPage(school, '/password');
    await change('short', 'other');
    await screen.findByText('密码至少需要 8 个字符');
    await screen.findByText('两次输入的新密码不一致');
    expect(school.called('changePassword')).toEqual([]);
  });

  it('says why the server refused, and then that it is done', async () => {
    const school = new FakeSchool();
    school.failures.set('changePassword', faultError(Code.InvalidArgument, Reason.PASSWORD_REJECTED));
    openPage(school, '/password');
    await change('new-password-1');
    await screen.findByText(/新密码太简单或与旧密码相同/);
    fireEvent.click(screen.getByTestId('change-password'));
    await screen.findByText('密码已修改，您在其他设备上的登录已退出。');
    expect(school.called('changePassword')).toMatchObject([
      { currentPassword: 'old-password', newPassword: 'new-password-1' },
      { currentPassword: 'old-password', newPassword: 'new-password-1' },
    ]);
  });
});
