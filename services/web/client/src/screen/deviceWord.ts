import { useTranslation } from 'react-i18next';
import type { DeviceKind, DeviceStatus } from '../core/media/devices';

/** useDeviceWord says in plain words why there is no picture or sound of this room; empty when all is well. */
export function useDeviceWord(): (kind: DeviceKind, status: DeviceStatus) => string {
  const { t } = useTranslation('screen');
  return (kind, status) => {
    const camera = kind === 'camera';
    switch (status) {
      case 'none':
      case 'off':
        return t(camera ? 'ownNoCamera' : 'microphoneNone');
      case 'denied':
        return t(camera ? 'cameraDenied' : 'microphoneDenied');
      case 'inUse':
        return t(camera ? 'cameraInUse' : 'microphoneInUse');
      case 'unplugged':
        return t(camera ? 'cameraUnplugged' : 'microphoneUnplugged');
      case 'failed':
        return t(camera ? 'cameraFailed' : 'microphoneFailed');
      default:
        return '';
    }
  };
}
