import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import './slotVideo.css';

/** Shorter pauses are not said: the words would flicker. */
export const stillAfterMs = 1_500;

interface SlotVideoProps {
  track: MediaStreamTrack | undefined;
  /** Read out by screen readers. */
  label: string;
  /** "contain" for screens, whose edges matter; "cover" for cameras. */
  fit?: 'cover' | 'contain';
  /** A person expects to see itself as in a mirror. */
  mirrored?: boolean;
  /** Told the height in device pixels at which the picture is shown, whenever it changes; 0 when taken away. */
  onHeight?: (height: number) => void;
  /** Shown until there is a picture. */
  children?: ReactNode;
  /** Said over the picture while it stands still; unset while it goes on. */
  still?: ReactNode;
  testId?: string;
}

/** SlotVideo shows one picture; sound is played elsewhere. The element stays while tracks change, so nothing flickers. */
export function SlotVideo({
  track,
  label,
  fit = 'cover',
  mirrored,
  onHeight,
  children,
  still,
  testId,
}: SlotVideoProps) {
  const video = useRef<HTMLVideoElement>(null);
  const tell = useRef(onHeight);
  tell.current = onHeight;
  const [picture, setPicture] = useState(false);
  const veiled = useStillness(video, still !== undefined);

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = track ? new MediaStream([track]) : null;
    if (!track) return setPicture(false);
    element.play().catch(() => undefined); // autoPlay tries again by itself; muted pictures are never blocked.
    const lost = () => setPicture(false);
    const back = () => setPicture(element.videoWidth > 0);
    track.addEventListener('mute', lost);
    track.addEventListener('unmute', back);
    return () => {
      track.removeEventListener('mute', lost);
      track.removeEventListener('unmute', back);
    };
  }, [track]);

  useEffect(() => {
    const element = video.current;
    if (!element || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(() => {
      tell.current?.(Math.round(element.clientHeight * devicePixelRatio));
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      tell.current?.(0);
    };
  }, []);

  return (
    <div className="slot-video" data-picture={picture}>
      <video
        ref={video}
        muted
        autoPlay
        playsInline
        aria-label={label}
        data-testid={testId}
        style={{ objectFit: fit, transform: mirrored ? 'scaleX(-1)' : undefined }}
        onLoadedData={() => setPicture(true)}
        onResize={() => setPicture(true)}
      />
      {!picture && <div className="slot-video-none">{veiled ? still : children}</div>}
      {picture && veiled && (
        <div className="slot-video-still" role="status">
          {still}
        </div>
      )}
    </div>
  );
}

/** useStillness is true when a pause has lasted for a while, until it ends or the first frame comes nonetheless. */
function useStillness(video: RefObject<HTMLVideoElement | null>, paused: boolean): boolean {
  const [still, setStill] = useState(false);
  useEffect(() => {
    if (!paused) return;
    let frame: number | undefined;
    const timer = setTimeout(() => {
      setStill(true);
      frame = video.current?.requestVideoFrameCallback?.(() => setStill(false));
    }, stillAfterMs);
    return () => {
      clearTimeout(timer);
      if (frame !== undefined) video.current?.cancelVideoFrameCallback(frame);
      setStill(false);
    };
  }, [video, paused]);
  return still;
}
