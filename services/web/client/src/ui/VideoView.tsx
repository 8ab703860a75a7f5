import { type CSSProperties, useEffect, useRef } from 'react';

interface VideoViewProps {
  stream: MediaStream | undefined;
  label: string;
  /** Sound comes from elsewhere unless this is false. */
  muted?: boolean;
  mirrored?: boolean;
  /** "contain" for screens, whose edges matter; "cover" for cameras. */
  fit?: 'cover' | 'contain';
  testId?: string;
}

/** Shows a stream. The element stays the same while tracks change, so that nothing flickers. */
export function VideoView({ stream, label, muted = true, mirrored = false, fit = 'cover', testId }: VideoViewProps) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (!video || video.srcObject === (stream ?? null)) return;
    video.srcObject = stream ?? null;
    if (stream) video.play().catch(ignoreInterruption);
  }, [stream]);
  const style: CSSProperties = {
    display: 'block',
    width: '100%',
    height: '100%',
    objectFit: fit,
    transform: mirrored ? 'scaleX(-1)' : undefined,
  };
  return (
    <video ref={element} muted={muted} autoPlay playsInline aria-label={label} data-testid={testId} style={style} />
  );
}

// play() is refused while the source is replaced, or until somebody touches the page; autoPlay tries again.
function ignoreInterruption(): void {}
