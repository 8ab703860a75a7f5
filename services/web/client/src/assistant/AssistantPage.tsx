import { Tabs } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Role } from '../gen/tongke/common/v1/rule_pb';
import { Guard } from '../ui/Guard';
import { PageShell } from '../ui/PageShell';
import { ConnectScreen } from './ConnectScreen';
import { Today } from './Today';

/** The assistant teacher's phone: a second pair of hands for the classrooms of the own campus. */
export default function AssistantPage() {
  const { t } = useTranslation('assistant');
  useEffect(() => {
    document.title = t('title');
  }, [t]);
  return (
    <Guard roles={[Role.ASSISTANT]}>
      <PageShell title={t('title')}>
        <Tabs
          items={[
            { key: 'lesson', label: t('tabLesson'), children: <Today /> },
            { key: 'screen', label: t('tabScreen'), children: <ConnectScreen /> },
          ]}
        />
      </PageShell>
    </Guard>
  );
}
