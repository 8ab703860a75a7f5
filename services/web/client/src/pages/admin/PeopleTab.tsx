import { App, Button, Form, Input, Select, Table, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore } from '../../adapters/core';
import type { Role } from '../../gen/tongke/common/v1/rule_pb';
import type { Campus, Person } from '../../gen/tongke/directory/v1/directory_pb';
import { Icon } from '../../ui/Icon';
import { EmptyState } from '../../ui/States';
import { isPersonRole, personRoles, roleWord } from '../../ui/words';
import { CreateModal } from './CreateModal';
import styles from './Tab.module.css';

interface PersonFields {
  name: string;
  login: string;
  password: string;
  roles: Role[];
  campusId: string;
}

interface PeopleTabProps {
  people: readonly Person[];
  campuses: readonly Campus[];
  onChanged: () => void;
}

export function PeopleTab({ people, campuses, onChanged }: PeopleTabProps) {
  const { t } = useTranslation(['admin', 'common', 'login']);
  const { api } = useCore();
  const { message } = App.useApp();
  const [adding, setAdding] = useState(false);
  return (
    <>
      <div className={styles.bar}>
        <Button type="primary" icon={<Icon name="plus" />} onClick={() => setAdding(true)} data-testid="new-person">
          {t('newPerson')}
        </Button>
      </div>
      {people.length === 0 ? (
        <EmptyState icon="people" title={t('noPeople')} />
      ) : (
        <Table<Person>
          rowKey="id"
          pagination={people.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
          scroll={{ x: 640 }}
          dataSource={[...people]}
          data-testid="people"
          columns={[
            { title: t('personName'), dataIndex: 'name' },
            { title: t('personLogin'), dataIndex: 'login' },
            {
              title: t('personRoles'),
              render: (_, person) =>
                person.roles.filter(isPersonRole).map((role) => <Tag key={role}>{t(`common:${roleWord[role]}`)}</Tag>),
            },
            { title: t('personCampus'), render: (_, person) => person.campusName || '–' },
          ]}
        />
      )}
      {adding && (
        <CreateModal<PersonFields>
          title={t('newPerson')}
          unique={{ field: 'login', message: t('personLoginTaken') }}
          initialValues={{ campusId: '' }}
          create={(fields) => api.directory.createPerson({ ...fields, name: fields.name.trim() })}
          onCreated={({ name }) => {
            setAdding(false);
            message.success(t('personCreated', { name: name.trim() }));
            onChanged();
          }}
          onClose={() => setAdding(false)}
        >
          <Form.Item
            name="name"
            label={t('personName')}
            rules={[{ required: true, whitespace: true, message: t('personNameMissing') }]}
          >
            <Input maxLength={80} data-testid="person-name" />
          </Form.Item>
          <Form.Item
            name="roles"
            label={t('personRoles')}
            rules={[{ required: true, type: 'array', min: 1, message: t('personRolesMissing') }]}
          >
            <Select
              mode="multiple"
              data-testid="person-roles"
              options={personRoles.map((role) => ({ value: role, label: t(`common:${roleWord[role]}`) }))}
            />
          </Form.Item>
          <Form.Item name="campusId" label={t('personCampus')}>
            <Select
              data-testid="person-campus"
              options={[
                { value: '', label: t('personCampusNone') },
                ...campuses.map((campus) => ({ value: campus.id, label: campus.name })),
              ]}
            />
          </Form.Item>
          <Form.Item
            name="login"
            label={t('personLogin')}
            extra={t('personLoginHint')}
            rules={[{ required: true, pattern: /^[a-z0-9][a-z0-9._-]{1,62}$/, message: t('personLoginHint') }]}
          >
            <Input autoComplete="off" data-testid="person-login" />
          </Form.Item>
          <Form.Item
            name="password"
            label={t('personPassword')}
            extra={t('personPasswordHint')}
            rules={[{ required: true, min: 8, message: t('login:passwordTooShort') }]}
          >
            <Input.Password autoComplete="new-password" maxLength={128} data-testid="person-password" />
          </Form.Item>
        </CreateModal>
      )}
    </>
  );
}
