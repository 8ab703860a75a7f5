import { timestampMs } from '@bufbuild/protobuf/wkt';
import { nameIn } from '../core/lesson/look';
import type { LessonState } from '../gen/tongke/classroom/v1/event_pb';
import styles from './live.module.css';

const shownMs = 45_000;

/** ChatTicker shows the newest line of chat for a while, as plain text. */
export function ChatTicker({ state, now }: { state: LessonState; now: number }) {
  const line = state.chat.at(-1);
  const fresh = line?.at && now - timestampMs(line.at) < shownMs;
  return (
    <p className={styles.ticker} role="log" data-testid="chat-ticker">
      {line && fresh && (
        <>
          <b>{nameIn(state, line.participantId)}</b>
          <span>{line.text}</span>
        </>
      )}
    </p>
  );
}
