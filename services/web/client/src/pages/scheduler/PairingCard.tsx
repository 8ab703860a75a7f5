import { Alert, Button, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore } from '../../adapters/core';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import type { Classroom } from '../../gen/tongke/directory/v1/directory_pb';
import { useAction } from '../../ui/useAction';
import { faultIn, useFaultText } from '../../ui/useFaultText';
import styles from './PairingCard.module.css';

interface PairingFields {
  code: string;
  classroomId: string;
}

const faultsOfTheCode = [Reason.PAIRING_CODE_UNKNOWN, Reason.PAIRING_CODE_USED, Reason.PAIRING_CODE_EXPIRED];

/** Binds the screen that shows a code to a classroom. */
export function PairingCard({ classrooms, onPaired }: { classrooms: readonly Classroom[]; onPaired: () => void }) {
  const { t } = useTranslation(['scheduler', 'common']);
  const { api } = useCore();
  const faultText = useFaultText();
  const [form] = Form.useForm<PairingFields>();
  const [paired, setPaired] = useState('');
  const chosen = Form.useWatch('classroomId', form);
  const pair = useAction(async (fields: PairingFields) => {
    setPaired('');
    try {
      const { classroom } = await api.directory.claimPairingCode({ ...fields, code: fields.code.trim() });
      form.resetFields();
      setPaired(classroom?.name ?? '');
      onPaired();
    } catch (error) {
      const fault = faultIn(error);
      if (!faultsOfTheCode.includes(fault.reason)) throw error;
      form.setFields([{ name: 'code', errors: [faultText(fault)] }]);
      form.focusField('code');
    }
  });
  const replaces = classrooms.find((one) => one.id === chosen)?.devicePairedAt !== undefined;

  return (
    <section className={styles.card}>
      <h2>{t('pairScreen')}</h2>
      <p>{t('pairScreenHint')}</p>
      <Form<PairingFields>
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={(fields) => void pair.run(fields)}
      >
        <Form.Item
          name="code"
          label={t('pairingCode')}
          rules={[{ required: true, min: 6, message: t('pairingCodeMissing') }]}
          normalize={(value: string) => value.toUpperCase()}
        >
          <Input className={styles.code} maxLength={16} autoComplete="off" size="large" data-testid="pairing-code" />
        </Form.Item>
        <Form.Item
          name="classroomId"
          label={t('pairClassroom')}
          rules={[{ required: true, message: t('pairClassroomMissing') }]}
        >
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            data-testid="pairing-classroom"
            options={classrooms.map((one) => ({ value: one.id, label: `${one.name} · ${one.campusName}` }))}
          />
        </Form.Item>
        <div aria-live="polite" className={styles.outcome}>
          {replaces && <Alert type="warning" showIcon title={t('pairReplaces')} />}
          {pair.error !== undefined && <Alert type="error" showIcon title={faultText(pair.error)} />}
          {paired && <Alert type="success" showIcon title={t('paired', { classroom: paired })} data-testid="paired" />}
        </div>
        <Button type="primary" htmlType="submit" block loading={pair.busy} data-testid="pair">
          {t('pair')}
        </Button>
      </Form>
    </section>
  );
}
