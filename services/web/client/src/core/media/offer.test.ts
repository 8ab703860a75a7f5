// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { MediaKind } from '../../gen/tongke/relay/v1/relay_pb';
import { FakePeer } from '../testing/fakePeer';
import { addSections, makeOffer, repairingSound, repeatingSound, type Seat, trimmed } from './offer';

const shapeOf = (seat: Seat) => {
  const peer = new FakePeer();
  addSections(peer as unknown as RTCPeerConnection, seat, { audio: [], video: [] });
  return peer.transceivers.map(({ init, receiver }) => `${receiver.track.kind} ${init.direction}`);
};

describe('the offer', () => {
  it('has the agreed sections in the agreed order', () => {
    expect(shapeOf('screen')).toEqual([
      'audio sendonly',
      'video sendonly',
      'video sendonly',
      'audio sendonly',
      ...Array.from({ length: 4 }, () => 'audio recvonly'),
      ...Array.from({ length: 3 }, () => 'video recvonly'),
    ]);
    expect(shapeOf('teacher').filter((one) => one === 'video recvonly')).toHaveLength(10);
    expect(shapeOf('listener').filter((one) => one === 'video recvonly')).toHaveLength(2);
  });

  it('sends the camera in three layers, except from listeners', () => {
    const peer = new FakePeer();
    const { sending } = addSections(peer as unknown as RTCPeerConnection, 'teacher', { audio: [], video: [] });
    expect(sending.get(MediaKind.CAMERA)).toBe(peer.transceivers[1]);
    expect(peer.transceivers[1]?.init.sendEncodings?.map((one) => [one.rid, one.scaleResolutionDownBy])).toEqual([
      ['q', 4],
      ['h', 2],
      ['f', 1],
    ]);
    const listener = new FakePeer();
    addSections(listener as unknown as RTCPeerConnection, 'listener', { audio: [], video: [] });
    expect(listener.transceivers[1]?.init.sendEncodings).toBeUndefined();
  });

  it('offers only codecs that the relay forwards', () => {
    const codec = (mimeType: string, sdpFmtpLine?: string): RTCRtpCodec => ({
      mimeType,
      clockRate: 90_000,
      sdpFmtpLine,
    });
    const { audio, video } = trimmed(
      [codec('audio/opus'), codec('audio/red'), codec('audio/PCMU')],
      [
        codec('video/AV1', 'level-idx=5;profile=0;tier=0'),
        codec('video/AV1', 'level-idx=5;profile=1;tier=0'),
        codec('video/VP9', 'profile-id=2'),
        codec('video/VP9', 'profile-id=0'),
        codec('video/H264', 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f'),
        codec('video/H264', 'level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f'),
        codec('video/H264', 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f'),
        codec('video/rtx'),
        codec('video/VP8'),
      ],
    );
    expect(audio.map((one) => one.mimeType)).toEqual(['audio/opus', 'audio/red']);
    expect(video.map((one) => one.mimeType)).toEqual([
      'video/VP8',
      'video/H264',
      'video/VP9',
      'video/AV1',
      'video/rtx',
    ]);
    expect(video[2]?.sdpFmtpLine).toContain('profile-id=0');
    expect(video[3]?.sdpFmtpLine).toContain('profile=0');
  });

  it('asks for the repair of sound, once, and leaves pictures and the rest as they are', () => {
    const head = 'v=0\r\na=group:BUNDLE 0 1 2\r\n';
    const sound = (repair: string) =>
      `m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n${repair}a=rtcp-fb:111 transport-cc\r\na=rtpmap:63 red/48000/2\r\n`;
    const picture = 'm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\n';
    const repaired = head + sound('a=rtcp-fb:111 nack\r\n') + picture + sound('a=rtcp-fb:111 nack\r\n');
    expect(repairingSound(head + sound('') + picture + sound(''))).toBe(repaired);
    expect(repairingSound(repaired)).toBe(repaired);
  });

  it('is made unchanged where the browser refuses a change', async () => {
    const peer = new FakePeer();
    peer.refusesChanges = true;
    expect(await makeOffer(peer as unknown as RTCPeerConnection)).toMatch(/^offer \d+$/);
  });
});

describe('the answer, read again', () => {
  const section = (mid: number, types: string) =>
    `m=audio 9 UDP/TLS/RTP/SAVPF ${types}\r\na=mid:${mid}\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:63 red/48000/2\r\n`;
  const answer = `v=0\r\n${section(1, '111 63')}${section(10, '111 63')}`;

  it('has RED first in the one section that repeats its sound, until it does no more', () => {
    const repeated = repeatingSound(answer, '1', true);
    expect(repeated).toBe(`v=0\r\n${section(1, '63 111')}${section(10, '111 63')}`);
    expect(repeatingSound(repeated, '1', true)).toBe(repeated);
    expect(repeatingSound(repeated, '1', false)).toBe(answer);
  });

  it('stays as it is where RED was not agreed', () => {
    const plain = 'v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n';
    expect(repeatingSound(plain, '0', true)).toBe(plain);
    expect(repeatingSound('', '0', true)).toBe('');
  });
});
