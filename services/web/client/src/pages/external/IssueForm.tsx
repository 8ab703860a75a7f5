import { Alert, Button, Form, Input, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCore } from '../../adapters/core';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import { useAction } from '../../ui/useAction';
import { faultIn, useFaultText } from '../../ui/useFaultText';
import styles from './external.module.css';
import type { Issued } from './IssuedToken';
import { askFor, longestName, mostTokens, type Purpose, purposes } from './token';

interface IssueFields {
  name: string;
  purpose: Purpose;
}

interface IssueFormProps {
  lessonId: string;
  onIssued: (issued: Issued) => void;
  /** Whether there is a token or not may not be known. */
  onFailed: () => void;
}

/** A token for one more device. A call whose answer is lost is not repeated: it would issue another. */
export function IssueForm({ lessonId, onIssued, onFailed }: IssueFormProps) {
  const { t } = useTranslation('external');
  const { api } = useCore();
  const errorText = useIssueErrorText();
  const issue = useAction(async ({ name, purpose }: IssueFields) => {
    try {
      const { token, secret } = await api.classroom.issueMediaToken({
        lessonId,
        name: name.trim(),
        ...askFor(purpose),
      });
      if (token) onIssued({ token, secret });
    } catch (error) {
      onFailed();
      throw error;
    }
  });
  return (
    <Form<IssueFields>
      layout="vertical"
      requiredMark={false}
      initialValues={{ name: '', purpose: 'camera' }}
      onFinish={(fields) => void issue.run(fields)}
      className={styles.form ?? ''}
      data-testid="issue-form"
    >
      <Form.Item name="purpose" label={t('purpose')}>
        <Radio.Group className={styles.purposes ?? ''}>
          {purposes.map((purpose) => (
            <Radio key={purpose} value={purpose} data-testid={`purpose-${purpose}`}>
              {t(`purpose_${purpose}`)}
              <small>{t(`purposeHint_${purpose}`)}</small>
            </Radio>
          ))}
        </Radio.Group>
      </Form.Item>
      <Form.Item
        name="name"
        label={t('name')}
        rules={[{ required: true, whitespace: true, message: t('nameMissing') }]}
        extra={t('nameHint')}
      >
        <Input
          maxLength={longestName}
          autoComplete="off"
          placeholder={t('namePlaceholder')}
          data-testid="external-name"
        />
      </Form.Item>
      {issue.error !== undefined && (
        <Alert type="error" showIcon title={errorText(issue.error)} className={styles.outcome ?? ''} />
      )}
      <Button type="primary" htmlType="submit" block loading={issue.busy} data-testid="issue">
        {t('issue')}
      </Button>
    </Form>
  );
}

/** A lesson that is full of tokens is another matter than a server that is asked too often, which says when to return. */
function useIssueErrorText(): (error: unknown) => string {
  const { t } = useTranslation('external');
  const faultText = useFaultText();
  return (error) => {
    const { reason, retryAfterMs } = faultIn(error);
    const full = reason === Reason.RESOURCE_EXHAUSTED && retryAfterMs === undefined;
    return full ? t('tooMany', { count: mostTokens }) : faultText(error);
  };
}
