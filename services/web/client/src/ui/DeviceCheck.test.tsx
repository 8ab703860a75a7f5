import { cleanup, configure, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { rememberedChoice } from '../core/media/choice';
import { Devices, type MediaSource } from '../core/media/devices';
import { startI18n } from '../i18n';
import { everyArea } from '../i18n/everyArea';
import { DeviceCheck } from './DeviceCheck';

startI18n(everyArea, 'zh-CN');
configure({ asyncUtilTimeout: 20_000 });
afterEach(cleanup);

/** A computer on which every request for a device fails in the same way. */
function failingWith(name: string): MediaSource {
  return {
    getUserMedia: () => Promise.reject(new DOMException('', name)),
    enumerateDevices: async () => [],
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  };
}

async function check(source: MediaSource): Promise<void> {
  const devices = new Devices(source);
  render(<DeviceCheck devices={devices} />);
  await devices.open();
}

describe('DeviceCheck', () => {
  it.each([
    ['NotFoundError', /没有找到摄像头/, /没有找到麦克风/],
    ['NotAllowedError', /浏览器不允许使用摄像头/, /浏览器不允许使用麦克风/],
    ['NotReadableError', /摄像头正被其他程序占用/, /麦克风正被其他程序占用/],
  ])('says %s in plain words, for each device', async (name, camera, microphone) => {
    await check(failingWith(name));
    expect((await screen.findByTestId('camera-problem')).textContent).toMatch(camera);
    expect((await screen.findByTestId('microphone-problem')).textContent).toMatch(microphone);
    expect(screen.queryByText('摄像头已关闭')).toBeNull();
  });

  it('offers original sound for music, and remembers the choice', async () => {
    await check(failingWith('NotFoundError'));
    fireEvent.click(await screen.findByRole('switch', { name: '原声' }));
    expect((await screen.findByRole('switch', { name: '原声' })).getAttribute('aria-checked')).toBe('true');
    expect(rememberedChoice().rawSound).toBe(true);
  });
});
