import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SlotVideo, stillAfterMs } from './SlotVideo';

describe('a picture that stands still', () => {
  let frame: (() => void) | undefined;

  beforeEach(() => {
    vi.useFakeTimers();
    frame = undefined;
    vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue();
    HTMLVideoElement.prototype.requestVideoFrameCallback = (callback) => {
      frame = () => callback(0, {} as VideoFrameCallbackMetadata);
      return 1;
    };
    HTMLVideoElement.prototype.cancelVideoFrameCallback = () => {
      frame = undefined;
    };
  });
  afterEach(() => {
    cleanup();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  const picture = (still?: string) => (
    <SlotVideo track={undefined} label="teacher" still={still} testId="video">
      nobody
    </SlotVideo>
  );
  const shown = () => {
    const view = render(picture());
    fireEvent.loadedData(screen.getByTestId('video'));
    return (still?: string) => view.rerender(picture(still));
  };
  const wait = (ms: number) => act(() => vi.advanceTimersByTime(ms));
  const veil = () => screen.queryByRole('status')?.textContent;

  it('is said after a moment, and no more when it goes on', () => {
    const draw = shown();
    draw('paused');
    wait(stillAfterMs - 1);
    expect(veil()).toBeUndefined();
    wait(1);
    expect(veil()).toBe('paused');
    draw();
    expect(veil()).toBeUndefined();
  });

  it('is not said when the pause was short', () => {
    const draw = shown();
    draw('paused');
    wait(stillAfterMs - 1);
    draw();
    wait(10 * stillAfterMs);
    expect(veil()).toBeUndefined();
  });

  it('is unsaid by the first frame, though the message is late', () => {
    const draw = shown();
    draw('paused');
    wait(stillAfterMs);
    expect(veil()).toBe('paused');
    act(() => frame?.());
    expect(veil()).toBeUndefined();
  });

  it('says the same where there was no picture yet', () => {
    const view = render(picture('paused'));
    expect(view.container.textContent).toBe('nobody');
    wait(stillAfterMs);
    expect(view.container.textContent).toBe('paused');
  });
});
