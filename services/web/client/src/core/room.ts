import { LessonPhase, ParticipantRole } from '../gen/tongke/classroom/v1/event_pb';
import { MediaKind } from '../gen/tongke/relay/v1/relay_pb';
import type { Core } from './core';
import { LessonStore } from './lesson/lessonStore';
import { participantOf } from './lesson/look';
import { Devices } from './media/devices';
import { type MediaParams, MediaSession } from './media/mediaSession';
import type { Seat } from './media/offer';
import { ScreenShare } from './media/screenShare';
import { SoundSink } from './media/sink';

/** An answer to an offer that takes longer has failed; the network may be back on another connection. */
const answerDeadlineMs = 5_000;

export interface RoomParams {
  readonly core: Core;
  readonly lessonId: string;
  /** Given where a page opened them before (device check); else the room makes its own. */
  readonly devices?: Devices;
  /** What tests replace of the media. */
  readonly media?: Partial<MediaParams>;
}

/**
 * Room is one lesson as a browser takes part in it: the followed log, the media beside it, and the devices.
 * It connects media while the lesson is open and live, and sends what the log allows.
 */
export class Room {
  readonly lesson: LessonStore;
  readonly media: MediaSession;
  readonly devices: Devices;
  readonly share: ScreenShare;
  readonly sound: SoundSink;
  readonly #ownsDevices: boolean;
  readonly #unsubscribe: (() => void)[] = [];
  /** Closed by a press here; the log follows. */
  #micClosed = false;
  #micWasOpen = false;
  #wasLive = false;

  constructor({ core, lessonId, devices, media }: RoomParams) {
    this.lesson = new LessonStore({ api: core.api, clock: core.clock, lessonId });
    this.media = new MediaSession({
      exchange: async (offer) => {
        const { windowId } = this.lesson;
        const options = { timeoutMs: answerDeadlineMs };
        return (await core.api.classroom.connectMedia({ lessonId, windowId, offer }, options)).answer;
      },
      ...media,
    });
    this.#ownsDevices = !devices;
    this.devices = devices ?? new Devices();
    this.share = new ScreenShare();
    this.sound = new SoundSink(this.media);
  }

  /** start enters the lesson. Devices are opened by the page, when it is right to ask. */
  start(): void {
    if (this.#unsubscribe.length > 0) return;
    const update = () => this.#update();
    for (const store of [this.lesson, this.devices, this.share]) this.#unsubscribe.push(store.subscribe(update));
    const online = () => this.media.hurry();
    addEventListener('online', online);
    this.#unsubscribe.push(() => removeEventListener('online', online));
    this.lesson.start();
  }

  /** stop lets go of everything; the lesson goes on without this browser. */
  stop(): void {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.lesson.stop();
    this.media.stop();
    this.share.stop();
    if (this.#ownsDevices) this.devices.close();
  }

  /** leave says goodbye first, so that others see "left" at once. */
  async leave(): Promise<void> {
    const said = this.lesson.leave();
    this.stop();
    await said;
  }

  /** setMicrophone closes at once and tells the lesson; opening waits for the lesson to allow it. */
  async setMicrophone(open: boolean): Promise<void> {
    this.#micClosed = !open;
    this.#update();
    await this.lesson.commands.setAudio(this.lesson.getSnapshot().selfId, open);
  }

  #update(): void {
    const { status, state, selfId } = this.lesson.getSnapshot();
    const own = state && participantOf(state, selfId);
    const open = own?.audioOpen ?? false;
    if (this.#micWasOpen && !open) this.#micClosed = false;
    this.#micWasOpen = open;

    const { camera, microphone } = this.devices.getSnapshot();
    const { picture, sound } = this.share.getSnapshot();
    this.media.publish(MediaKind.CAMERA, camera.track);
    this.media.publish(MediaKind.MICROPHONE, open && !this.#micClosed ? microphone.track : undefined);
    this.media.publish(MediaKind.SCREEN, picture);
    this.media.publish(MediaKind.SCREEN_AUDIO, sound);

    const live = status.kind === 'live' && state?.phase !== LessonPhase.ENDED;
    if (live && !this.#wasLive) {
      this.media.start(seatOf(own?.entry?.role));
      this.media.hurry();
    }
    this.#wasLive = live;
    if (status.kind === 'superseded' || status.kind === 'ended' || status.kind === 'refused') {
      this.media.stop();
      this.share.stop();
    }
  }
}

/** What somebody is in this lesson decides the seat, not what else the person may do: a guest never gets the teacher's. */
function seatOf(role: ParticipantRole | undefined): Seat {
  switch (role) {
    case ParticipantRole.LEAD_TEACHER:
      return 'teacher';
    case ParticipantRole.CLASSROOM:
      return 'screen';
    default:
      return 'listener';
  }
}
