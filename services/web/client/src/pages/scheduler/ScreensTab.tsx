import { App, Button, Popconfirm, Table, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore, useZone } from '../../adapters/core';
import type { Campus, Classroom } from '../../gen/tongke/directory/v1/directory_pb';
import { Icon } from '../../ui/Icon';
import { EmptyState } from '../../ui/States';
import { millis } from '../../ui/time';
import { useFaultText } from '../../ui/useFaultText';
import { ClassroomForm } from './ClassroomForm';
import { PairingCard } from './PairingCard';
import styles from './ScreensTab.module.css';

interface ScreensTabProps {
  classrooms: readonly Classroom[];
  campuses: readonly Campus[];
  onChanged: () => void;
}

/** Classrooms and the computers that stand for them. */
export function ScreensTab({ classrooms, campuses, onChanged }: ScreensTabProps) {
  const { t } = useTranslation(['scheduler', 'common']);
  const { message } = App.useApp();
  const [adding, setAdding] = useState(false);
  return (
    <div className={styles.columns}>
      <PairingCard classrooms={classrooms} onPaired={onChanged} />
      <section className={styles.list}>
        <div className={styles.head}>
          <h2>{t('screens')}</h2>
          <Button icon={<Icon name="plus" />} onClick={() => setAdding(true)} data-testid="new-classroom">
            {t('newClassroom')}
          </Button>
        </div>
        {classrooms.length === 0 ? (
          <EmptyState icon="screen" title={t('noClassrooms')} />
        ) : (
          <ClassroomTable classrooms={classrooms} onChanged={onChanged} />
        )}
      </section>
      {adding && (
        <ClassroomForm
          campuses={campuses}
          onClose={() => setAdding(false)}
          onCreated={(name) => {
            setAdding(false);
            message.success(t('classroomCreated', { name }));
            onChanged();
          }}
        />
      )}
    </div>
  );
}

function ClassroomTable({ classrooms, onChanged }: Pick<ScreensTabProps, 'classrooms' | 'onChanged'>) {
  const { t, i18n } = useTranslation(['scheduler', 'common']);
  const { api } = useCore();
  const { message } = App.useApp();
  const faultText = useFaultText();
  const zone = useZone();
  const revoke = async (classroom: Classroom) => {
    try {
      await api.directory.revokeDevice({ classroomId: classroom.id });
      message.success(t('revoked', { classroom: classroom.name }));
    } catch (error) {
      message.error(faultText(error));
    }
    onChanged();
  };
  const seen = (classroom: Classroom) =>
    classroom.deviceSeenAt
      ? new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone.name }).format(
          millis(classroom.deviceSeenAt),
        )
      : t('screenNeverSeen');
  return (
    <Table<Classroom>
      size="middle"
      rowKey="id"
      pagination={classrooms.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
      scroll={{ x: 560 }}
      dataSource={[...classrooms]}
      data-testid="classrooms"
      columns={[
        {
          title: t('common:classroom'),
          render: (_, room) => (
            <>
              <div className={styles.name}>{room.name}</div>
              <div className={styles.quiet}>{room.campusName}</div>
            </>
          ),
        },
        {
          title: t('columnStatus'),
          render: (_, room) =>
            room.devicePairedAt ? <Tag color="green">{t('screenPaired')}</Tag> : <Tag>{t('screenNone')}</Tag>,
        },
        { title: t('screenSeen'), render: (_, room) => (room.devicePairedAt ? seen(room) : '–') },
        {
          align: 'right',
          render: (_, room) =>
            room.devicePairedAt && (
              <Popconfirm
                title={t('revokeConfirm', { classroom: room.name })}
                description={t('revokeConfirmHint')}
                okText={t('revokeYes')}
                okButtonProps={{ danger: true }}
                cancelText={t('common:cancel')}
                onConfirm={() => revoke(room)}
              >
                <Button size="small" data-testid="revoke">
                  {t('revoke')}
                </Button>
              </Popconfirm>
            ),
        },
      ]}
    />
  );
}
