import { useTranslation } from 'react-i18next';
import { HealthLight } from '../gen/tongke/classroom/v1/health_pb';
import { Icon, type IconName } from './Icon';
import styles from './Light.module.css';

const looks: Record<
  HealthLight,
  { icon: IconName; word: 'GREEN' | 'YELLOW' | 'RED' | 'GREY'; style: string | undefined }
> = {
  [HealthLight.GREEN]: { icon: 'check', word: 'GREEN', style: styles.green },
  [HealthLight.YELLOW]: { icon: 'warning', word: 'YELLOW', style: styles.yellow },
  [HealthLight.RED]: { icon: 'error', word: 'RED', style: styles.red },
  [HealthLight.GREY]: { icon: 'pending', word: 'GREY', style: styles.grey },
  [HealthLight.UNSPECIFIED]: { icon: 'pending', word: 'GREY', style: styles.grey },
};

/** A traffic light that can be read without seeing colours: icon and word. */
export function Light({ light, word }: { light: HealthLight; word?: string }) {
  const { t } = useTranslation('operator');
  const look = looks[light];
  return (
    <span className={`${styles.light} ${look.style}`} data-testid="light" data-light={look.word}>
      <Icon name={look.icon} size={16} />
      {word ?? t(`light_${look.word}`)}
    </span>
  );
}
