// What a browser sends, chosen by a journey: a codec other than the client's first, and slides instead of a real screen.
import type { BrowserContext } from '@playwright/test';
import { picture } from './media';

export type VideoCodec = 'VP8' | 'H264' | 'VP9' | 'AV1';

/** The slides: the colour of their paper, and how high they are; their counter stands where a camera's does. */
export const slides = { rgb: [205, 205, 205], height: 360, fps: 10 } as const;

/** sendAs moves a codec to the front of what the client offers to send; what it can receive stays as it is. */
export async function sendAs(context: BrowserContext, codec: VideoCodec): Promise<void> {
  await context.addInitScript((mime) => {
    const set = RTCRtpTransceiver.prototype.setCodecPreferences;
    RTCRtpTransceiver.prototype.setCodecPreferences = function (codecs) {
      const first = (one: RTCRtpCodec) => (one.mimeType === mime ? 0 : 1);
      const ordered = [...codecs].sort((a, b) => first(a) - first(b));
      set.call(this, this.direction === 'sendonly' ? ordered : codecs);
    };
  }, `video/${codec}`);
}

/** shareSlides makes the browser share slides with a counter like a camera's, and a lively strip at their foot. */
export async function shareSlides(context: BrowserContext): Promise<void> {
  await context.addInitScript(
    ({ rgb, scale, width, height, square, bits, frames, fps }) => {
      const capture = () => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [width * scale, height * scale];
        const context = canvas.getContext('2d');
        context?.scale(scale, scale);
        let n = 0;
        const draw = () => {
          if (!context) return;
          const fill = (style: string, ...box: [number, number, number, number]) => {
            context.fillStyle = style;
            context.fillRect(...box);
          };
          fill(`rgb(${rgb})`, 0, 0, width, height);
          for (let line = 0; line < 4; line++) fill('#335', 60, 120 + line * 60, 300 + ((line * 97) % 160), 14);
          for (let x = 0; x < width; x += 15) {
            for (let y = height * 0.8; y < height; y += 15) fill(`rgb(${Math.random() * 255} 90 90)`, x, y, 15, 15);
          }
          n = (n + 1) % frames;
          for (let bit = 0; bit < bits; bit++) fill((n >> bit) & 1 ? '#fff' : '#000', bit * square, 0, square, square);
        };
        draw();
        const timer = setInterval(draw, 1000 / fps);
        const stream = canvas.captureStream(fps);
        stream.getVideoTracks()[0]?.addEventListener('ended', () => clearInterval(timer));
        return stream;
      };
      Object.defineProperty(MediaDevices.prototype, 'getDisplayMedia', { value: async () => capture() });
    },
    { ...picture, rgb: slides.rgb, fps: slides.fps, scale: slides.height / picture.height },
  );
}
