import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useCore } from '../adapters/core';
import { Guard } from '../ui/Guard';
import { PageShell } from '../ui/PageShell';
import { useAction } from '../ui/useAction';
import { useFaultText } from '../ui/useFaultText';
import { personRoles } from '../ui/words';
import styles from './PasswordPage.module.css';

/** Change of the own password. */
export default function PasswordPage() {
  const { t } = useTranslation('login');
  return (
    <Guard roles={personRoles}>
      <PageShell title={t('passwordTitle')}>
        <PasswordForm />
      </PageShell>
    </Guard>
  );
}

interface Passwords {
  current: string;
  next: string;
  again: string;
}

function PasswordForm() {
  const { t } = useTranslation(['login', 'common']);
  const { api } = useCore();
  const faultText = useFaultText();
  const [form] = Form.useForm<Passwords>();
  const [done, setDone] = useState(false);
  const change = useAction(async ({ current, next }: Passwords) => {
    setDone(false);
    await api.directory.changePassword({ currentPassword: current, newPassword: next });
    form.resetFields();
    setDone(true);
  });
  return (
    <div className={styles.card}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => void change.run(values)}>
        <Form.Item
          name="current"
          label={t('currentPassword')}
          rules={[{ required: true, message: t('passwordMissing') }]}
        >
          <Input.Password autoComplete="current-password" maxLength={128} data-testid="current-password" />
        </Form.Item>
        <Form.Item
          name="next"
          label={t('newPassword')}
          extra={t('newPasswordHint')}
          rules={[{ required: true, min: 8, message: t('passwordTooShort') }]}
        >
          <Input.Password autoComplete="new-password" maxLength={128} data-testid="new-password" />
        </Form.Item>
        <Form.Item
          name="again"
          label={t('repeatPassword')}
          dependencies={['next']}
          rules={[
            ({ getFieldValue }) => ({
              validator: async (_, value) => {
                if (value !== getFieldValue('next')) throw new Error(t('passwordsDiffer'));
              },
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" maxLength={128} data-testid="repeat-password" />
        </Form.Item>
        <div aria-live="polite" className={styles.outcome}>
          {change.error !== undefined && <Alert type="error" showIcon title={faultText(change.error)} />}
          {done && <Alert type="success" showIcon title={t('passwordChanged')} />}
        </div>
        <div className={styles.buttons}>
          <Button type="primary" htmlType="submit" loading={change.busy} data-testid="change-password">
            {t('common:save')}
          </Button>
          <Link to="/">
            <Button>{t('common:back')}</Button>
          </Link>
        </div>
      </Form>
    </div>
  );
}
