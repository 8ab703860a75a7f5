import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { MediaPicture, MediaUse } from '../../gen/tongke/classroom/v1/event_pb';
import { MediaTokenSchema } from '../../gen/tongke/classroom/v1/media_token_pb';
import { addressOf, askFor, commandOf, inOrder, isThisComputer, purposeOf, purposes, stateOf } from './token';

const token = (init: MessageInitShape<typeof MediaTokenSchema>) => create(MediaTokenSchema, init);

describe('a media token', () => {
  it.each(purposes)('that was asked for as %s is listed as that', (purpose) => {
    expect(purposeOf(token(askFor(purpose)))).toBe(purpose);
  });

  it('says of a picture only when it publishes one', () => {
    expect(askFor('watch')).toEqual({ use: MediaUse.WATCH, picture: MediaPicture.UNSPECIFIED });
  });

  it('is revoked before it is anything else', () => {
    expect(stateOf(token({ revoked: true, inUse: true }))).toBe('revoked');
    expect(stateOf(token({ inUse: true }))).toBe('inUse');
    expect(stateOf(token({}))).toBe('unused');
  });

  it('is listed newest first, and last when it was revoked', () => {
    const listed = [token({ tokenId: 'a' }), token({ tokenId: 'b', revoked: true }), token({ tokenId: 'c' })];
    expect(inOrder(listed).map((one) => one.tokenId)).toEqual(['c', 'a', 'b']);
  });
});

describe('the address for a device', () => {
  it('is that of the endpoint for its purpose', () => {
    expect(addressOf('https://school:8443', 'lsn_1', 'camera')).toBe('https://school:8443/whip/lsn_1');
    expect(addressOf('https://school:8443', 'lsn_1', 'screen')).toBe('https://school:8443/whip/lsn_1');
    expect(addressOf('https://school:8443', 'lsn_1', 'watch')).toBe('https://school:8443/whep/lsn_1');
  });

  it('keeps an odd id in one part of the path', () => {
    expect(addressOf('https://school', 'a/b?c', 'watch')).toBe('https://school/whep/a%2Fb%3Fc');
  });

  it('is known to be of no use elsewhere', () => {
    expect(['http://localhost:8080', 'http://127.0.0.1:8080', 'https://[::1]:8443'].every(isThisComputer)).toBe(true);
    expect(['https://192.168.1.20:8443', 'https://tongke.school.cn'].some(isThisComputer)).toBe(false);
  });

  it('stands in the command with the token', () => {
    for (const purpose of purposes) {
      const command = commandOf(purpose, 'https://school/x', 'SECRET');
      expect(command).toContain('=https://school/x ');
      expect(command).toContain('auth-token=SECRET ');
    }
  });
});
