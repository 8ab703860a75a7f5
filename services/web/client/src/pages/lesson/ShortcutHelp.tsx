import { Button, Popover } from 'antd';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/Icon';
import styles from './ShortcutHelp.module.css';

const shortcuts = [
  ['M', 'shortcutMute'],
  ['H', 'shortcutCall'],
  ['S', 'shortcutShare'],
  ['Esc', 'shortcutClose'],
] as const;

/** The keys of this page, for those who look for them. */
export function ShortcutHelp() {
  const { t } = useTranslation('lesson');
  return (
    <Popover
      trigger="click"
      placement="topRight"
      title={t('shortcuts')}
      content={
        <div className={styles.help}>
          <dl>
            {shortcuts.map(([key, does]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{t(does)}</dd>
              </div>
            ))}
          </dl>
          <p>{t('shortcutsHint')}</p>
        </div>
      }
    >
      <Button type="text" icon={<Icon name="keyboard" />} data-testid="shortcuts">
        {t('shortcuts')}
      </Button>
    </Popover>
  );
}
