import { App, Button, Form, Select, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore } from '../../adapters/core';
import type { Campus, Pairing } from '../../gen/tongke/directory/v1/directory_pb';
import { Icon } from '../../ui/Icon';
import { EmptyState } from '../../ui/States';
import { CreateModal } from './CreateModal';
import styles from './Tab.module.css';

interface PairingFields {
  leadCampusId: string;
  branchCampusId: string;
}

interface PairingsTabProps {
  pairings: readonly Pairing[];
  campuses: readonly Campus[];
  onChanged: () => void;
}

/** Which campuses teach together. */
export function PairingsTab({ pairings, campuses, onChanged }: PairingsTabProps) {
  const { t } = useTranslation('admin');
  const { api } = useCore();
  const { message } = App.useApp();
  const [adding, setAdding] = useState(false);
  const nameOf = (id: string) => campuses.find((campus) => campus.id === id)?.name ?? id;
  const options = campuses.map((campus) => ({ value: campus.id, label: campus.name }));
  return (
    <>
      <div className={styles.bar}>
        <Button type="primary" icon={<Icon name="plus" />} onClick={() => setAdding(true)} data-testid="new-pairing">
          {t('newPairing')}
        </Button>
      </div>
      {pairings.length === 0 ? (
        <EmptyState icon="globe" title={t('noPairings')} />
      ) : (
        <Table<Pairing>
          rowKey="id"
          pagination={false}
          dataSource={[...pairings]}
          data-testid="pairings"
          columns={[
            { title: t('leadCampus'), render: (_, pairing) => nameOf(pairing.leadCampusId) },
            { title: t('branchCampus'), render: (_, pairing) => nameOf(pairing.branchCampusId) },
          ]}
        />
      )}
      {adding && (
        <CreateModal<PairingFields>
          title={t('newPairing')}
          unique={{ field: 'branchCampusId', message: t('pairingTaken') }}
          create={(fields) => api.directory.createPairing(fields)}
          onCreated={() => {
            setAdding(false);
            message.success(t('pairingCreated'));
            onChanged();
          }}
          onClose={() => setAdding(false)}
        >
          <Form.Item
            name="leadCampusId"
            label={t('leadCampus')}
            rules={[{ required: true, message: t('pairingCampusMissing') }]}
          >
            <Select options={options} data-testid="pairing-lead" />
          </Form.Item>
          <Form.Item
            name="branchCampusId"
            label={t('branchCampus')}
            dependencies={['leadCampusId']}
            rules={[
              { required: true, message: t('pairingCampusMissing') },
              ({ getFieldValue }) => ({
                validator: async (_, value) => {
                  if (value && value === getFieldValue('leadCampusId')) throw new Error(t('pairingSame'));
                },
              }),
            ]}
          >
            <Select options={options} data-testid="pairing-branch" />
          </Form.Item>
        </CreateModal>
      )}
    </>
  );
}
