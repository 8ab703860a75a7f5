import { Alert, Button, Form, Input, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCore } from '../../adapters/core';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import type { Campus } from '../../gen/tongke/directory/v1/directory_pb';
import { useAction } from '../../ui/useAction';
import { faultIn, useFaultText } from '../../ui/useFaultText';

interface ClassroomFields {
  campusId: string;
  name: string;
}

interface ClassroomFormProps {
  campuses: readonly Campus[];
  onCreated: (name: string) => void;
  onClose: () => void;
}

export function ClassroomForm({ campuses, onCreated, onClose }: ClassroomFormProps) {
  const { t } = useTranslation(['scheduler', 'common']);
  const { api } = useCore();
  const faultText = useFaultText();
  const [form] = Form.useForm<ClassroomFields>();
  const create = useAction(async ({ campusId, name }: ClassroomFields) => {
    try {
      await api.directory.createClassroom({ campusId, name: name.trim() });
      onCreated(name.trim());
    } catch (error) {
      if (faultIn(error).reason !== Reason.ALREADY_EXISTS) throw error;
      form.setFields([{ name: 'name', errors: [t('classroomNameTaken')] }]);
    }
  });
  return (
    <Modal open title={t('newClassroom')} onCancel={onClose} footer={null} destroyOnHidden>
      <Form<ClassroomFields> form={form} layout="vertical" requiredMark={false} onFinish={(f) => void create.run(f)}>
        <Form.Item
          name="campusId"
          label={t('classroomCampus')}
          rules={[{ required: true, message: t('classroomCampusMissing') }]}
        >
          <Select
            data-testid="classroom-campus"
            options={campuses.map((campus) => ({ value: campus.id, label: campus.name }))}
          />
        </Form.Item>
        <Form.Item
          name="name"
          label={t('classroomName')}
          rules={[{ required: true, whitespace: true, message: t('classroomNameMissing') }]}
        >
          <Input maxLength={80} placeholder={t('classroomNamePlaceholder')} data-testid="classroom-name" />
        </Form.Item>
        {create.error !== undefined && <Alert type="error" showIcon title={faultText(create.error)} />}
        <Button type="primary" htmlType="submit" block loading={create.busy} data-testid="classroom-create">
          {t('common:create')}
        </Button>
      </Form>
    </Modal>
  );
}
