/** How often a level is told, in milliseconds. */
const everyMs = 100;

/**
 * watchLevel tells how loud a track is, 0..1, ten times a second until it is stopped.
 * A browser that has not been touched yet keeps the meter at 0.
 */
export function watchLevel(track: MediaStreamTrack, tell: (level: number) => void): () => void {
  const context = new AudioContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    tell(levelOf(samples));
  }, everyMs);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}

/** levelOf maps the mean power of samples from -60 dB .. 0 dB to 0..1: ears hear in decibels. */
export function levelOf(samples: Float32Array): number {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  const decibel = 10 * Math.log10(power / Math.max(1, samples.length) + 1e-12);
  return Math.min(1, Math.max(0, (decibel + 60) / 60));
}
