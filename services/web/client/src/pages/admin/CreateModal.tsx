import { Alert, Button, Form, Modal } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import { useAction } from '../../ui/useAction';
import { faultIn, useFaultText } from '../../ui/useFaultText';

interface CreateModalProps<Fields> {
  title: string;
  /** The field whose value may be taken already, and how to say so. */
  unique: { field: keyof Fields & string; message: string };
  initialValues?: Partial<Fields>;
  create: (fields: Fields) => Promise<unknown>;
  onCreated: (fields: Fields) => void;
  onClose: () => void;
  children: ReactNode;
}

/** A small form in a dialog that makes one thing; "exists already" is said at the field that causes it. */
export function CreateModal<Fields extends object>(props: CreateModalProps<Fields>) {
  const { t } = useTranslation();
  const faultText = useFaultText();
  const [form] = Form.useForm<Fields>();
  const create = useAction(async (fields: Fields) => {
    try {
      await props.create(fields);
      props.onCreated(fields);
    } catch (error) {
      if (faultIn(error).reason !== Reason.ALREADY_EXISTS) throw error;
      form.setFields([{ name: props.unique.field as never, errors: [props.unique.message] }]);
    }
  });
  return (
    <Modal open title={props.title} onCancel={props.onClose} footer={null} destroyOnHidden>
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        {...(props.initialValues && { initialValues: props.initialValues as never })}
        onFinish={(fields) => void create.run(fields)}
      >
        {props.children}
        {create.error !== undefined && (
          <Alert type="error" showIcon title={faultText(create.error)} style={{ marginBottom: 16 }} />
        )}
        <Button type="primary" htmlType="submit" block loading={create.busy} data-testid="create">
          {t('create')}
        </Button>
      </Form>
    </Modal>
  );
}
