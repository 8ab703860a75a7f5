// A device that is no page of ours: it knows an address and a token, and speaks WHIP or WHEP.
import type { Page } from '@playwright/test';

export interface Given {
  address: string;
  secret: string;
}

interface Kept {
  tongkeProgram?: RTCPeerConnection;
}

/** The element that shows what a player watches. */
export const playerPicture = '#player';

/** Posts an offer of a page without any script of ours; what comes is shown. Gives the status of the answer. */
export async function watchBy(page: Page, given: Given): Promise<number> {
  return connect(page, given, false);
}

/** Publishes the page's camera and microphone. Gives the status of the answer. */
export async function publishBy(page: Page, given: Given): Promise<number> {
  return connect(page, given, true);
}

/** What became of the program's connection, as its browser sees it: closed when the server has said goodbye. */
export async function transportOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const pc = (window as Kept).tongkeProgram;
    const [end] = [...(pc?.getSenders() ?? []), ...(pc?.getReceivers() ?? [])].filter((one) => one.transport);
    return end?.transport?.state ?? 'none';
  });
}

async function connect(page: Page, given: Given, publishes: boolean): Promise<number> {
  return page.evaluate(
    async ({ address, secret, publishes }) => {
      const pc = new RTCPeerConnection();
      (window as Kept).tongkeProgram = pc;
      if (publishes) {
        const media = await navigator.mediaDevices.getUserMedia({ video: { width: 960, height: 540 }, audio: true });
        for (const track of media.getTracks()) pc.addTransceiver(track, { direction: 'sendonly' });
      } else {
        const video = document.createElement('video');
        Object.assign(video, { id: 'player', autoplay: true, muted: true, playsInline: true });
        const shown = new MediaStream();
        video.srcObject = shown;
        document.body.append(video);
        pc.ontrack = ({ track }) => shown.addTrack(track);
        for (const kind of ['video', 'audio']) pc.addTransceiver(kind, { direction: 'recvonly' });
      }
      await pc.setLocalDescription();
      const answer = await fetch(address, {
        method: 'POST',
        headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${secret}` },
        body: pc.localDescription?.sdp ?? '',
      });
      if (answer.ok) await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
      return answer.status;
    },
    { ...given, publishes },
  );
}
