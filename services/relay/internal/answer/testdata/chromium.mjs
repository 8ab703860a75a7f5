// Chromium as the offering side, with the very sections of the web client.
//
//   node chromium.mjs offers DIR   writes the offers of all seats as test data
//   node chromium.mjs answers      prints each offer as a line of JSON, reads an answer as one, prints what came of it
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const client = fileURLToPath(new URL('../../../../web/client/', import.meta.url));
const need = createRequire(join(client, 'package.json'));
const { chromium } = need('playwright-core');
const { rolldown } = need('rolldown');

const seats = { teacher: 'teacher', classroom: 'screen', listener: 'listener' };

/** script is the client's module as one that a page can run. */
async function script() {
  const bundle = await rolldown({ input: join(client, 'src/core/media/offer.ts') });
  const { output } = await bundle.generate({ format: 'iife', name: 'client' });
  return output[0].code;
}

const offerOf = (page, seat) =>
  page.evaluate(async (seat) => {
    globalThis.peer = new RTCPeerConnection(client.peerOptions);
    globalThis.sections = client.addSections(peer, seat);
    const offer = await peer.createOffer();
    await peer.setLocalDescription(offer);
    return offer.sdp;
  }, seat);

/** resultOf hands Chromium an answer and tells what it made of it. */
const resultOf = (page, answer) =>
  page.evaluate(async (sdp) => {
    await peer.setRemoteDescription({ type: 'answer', sdp });
    const names = (codecs) => codecs.map(({ mimeType }) => mimeType.toLowerCase());
    const transceivers = peer.getTransceivers().map((one) => ({
      mid: one.mid,
      direction: one.currentDirection,
      kind: one.receiver.track.kind,
      track: one.receiver.track.id,
      sends: names(one.sender.getParameters().codecs),
      receives: names(one.receiver.getParameters().codecs),
      extensions: one.getNegotiatedHeaderExtensions?.().filter((e) => e.direction !== 'stopped').map((e) => e.uri) ?? [],
      rids: one.sender.getParameters().encodings.flatMap(({ rid }) => rid ?? []),
    }));
    const { signalingState, sctp } = peer;
    peer.close();
    return { signalingState, maxMessage: sctp?.maxMessageSize ?? 0, transceivers };
  }, answer);

const [mode, directory] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-features=WebRtcHideLocalIpsWithMdns'],
});
try {
  const page = await browser.newPage();
  await page.addScriptTag({ content: await script() });
  const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  for (const [name, seat] of Object.entries(seats)) {
    const offer = await offerOf(page, seat);
    if (mode === 'offers') {
      writeFileSync(join(directory, `${name}.sdp`), offer);
      continue;
    }
    console.log(JSON.stringify({ name, offer }));
    const { value } = await answers.next();
    console.log(JSON.stringify(await resultOf(page, JSON.parse(value).answer)));
  }
} finally {
  await browser.close();
}
process.exit(0);
