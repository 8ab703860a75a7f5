import { App, Button, Form, Input, Select, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore } from '../../adapters/core';
import { type Campus, type Classroom, SchoolLevel } from '../../gen/tongke/directory/v1/directory_pb';
import { Icon } from '../../ui/Icon';
import { EmptyState } from '../../ui/States';
import { levelWord } from '../../ui/words';
import { ClassroomForm } from '../scheduler/ClassroomForm';
import { CreateModal } from './CreateModal';
import styles from './Tab.module.css';

interface CampusesTabProps {
  campuses: readonly Campus[];
  classrooms: readonly Classroom[];
  onChanged: () => void;
}

const levels = Object.values(SchoolLevel).filter(
  (level): level is SchoolLevel => typeof level === 'number' && level !== SchoolLevel.UNSPECIFIED,
);

export function CampusesTab({ campuses, classrooms, onChanged }: CampusesTabProps) {
  const { t } = useTranslation(['admin', 'common', 'scheduler']);
  const { api } = useCore();
  const { message } = App.useApp();
  const [adding, setAdding] = useState<'campus' | 'classroom' | undefined>();
  const created = (text: string) => {
    setAdding(undefined);
    message.success(text);
    onChanged();
  };
  return (
    <>
      <div className={styles.bar}>
        <Button type="primary" icon={<Icon name="plus" />} onClick={() => setAdding('campus')} data-testid="new-campus">
          {t('newCampus')}
        </Button>
        <Button icon={<Icon name="plus" />} onClick={() => setAdding('classroom')} data-testid="new-classroom">
          {t('scheduler:newClassroom')}
        </Button>
      </div>
      {campuses.length === 0 ? (
        <EmptyState icon="globe" title={t('noCampuses')} />
      ) : (
        <Table<Campus>
          rowKey="id"
          pagination={false}
          scroll={{ x: 560 }}
          dataSource={[...campuses]}
          data-testid="campuses"
          columns={[
            { title: t('campusName'), dataIndex: 'name' },
            { title: t('campusLevel'), render: (_, campus) => t(`common:${levelWord[campus.level]}`) },
            {
              title: t('common:classroom'),
              render: (_, campus) =>
                classrooms
                  .filter((room) => room.campusId === campus.id)
                  .map((room) => <div key={room.id}>{room.name}</div>),
            },
          ]}
        />
      )}
      {adding === 'campus' && (
        <CreateModal<{ name: string; level: SchoolLevel }>
          title={t('newCampus')}
          unique={{ field: 'name', message: t('campusNameTaken') }}
          create={({ name, level }) => api.directory.createCampus({ name: name.trim(), level })}
          onCreated={({ name }) => created(t('campusCreated', { name: name.trim() }))}
          onClose={() => setAdding(undefined)}
        >
          <Form.Item
            name="name"
            label={t('campusName')}
            rules={[{ required: true, whitespace: true, message: t('campusNameMissing') }]}
          >
            <Input maxLength={80} data-testid="campus-name" />
          </Form.Item>
          <Form.Item
            name="level"
            label={t('campusLevel')}
            rules={[{ required: true, message: t('campusLevelMissing') }]}
          >
            <Select options={levels.map((level) => ({ value: level, label: t(`common:${levelWord[level]}`) }))} />
          </Form.Item>
        </CreateModal>
      )}
      {adding === 'classroom' && (
        <ClassroomForm
          campuses={campuses}
          onClose={() => setAdding(undefined)}
          onCreated={(name) => created(t('scheduler:classroomCreated', { name }))}
        />
      )}
    </>
  );
}
