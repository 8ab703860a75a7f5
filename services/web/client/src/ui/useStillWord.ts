import { useTranslation } from 'react-i18next';
import { PauseReason } from '../gen/tongke/relay/v1/channel_pb';

const words = {
  [PauseReason.UNSPECIFIED]: 'stillNetwork',
  [PauseReason.DOWNLINK]: 'stillNetwork',
  [PauseReason.RELAY_BUSY]: 'stillServer',
} as const satisfies Record<PauseReason, string>;

/** useStillWord says why a picture stands still. */
export function useStillWord(): (reason: PauseReason) => string {
  const { t } = useTranslation('common');
  return (reason) => t(words[reason]);
}
