import { useTranslation } from 'react-i18next';
import { useStore } from '../../adapters/core';
import { contentIn } from '../../core/lesson/content';
import { leadTeacherOf, nameIn } from '../../core/lesson/look';
import { MediaKind } from '../../gen/tongke/relay/v1/relay_pb';
import { Picture } from './Picture';
import { useRoom } from './room';
import styles from './Stage.module.css';
import { type Shown, stageLook } from './stage';

/** The large area: what somebody shares, whoever is on stage, or the lead teacher. */
export function Stage() {
  const { t } = useTranslation('lesson');
  const { room, state, listener, slotOf } = useRoom();
  const ownShare = useStore(room.share).status === 'on';
  const { slots } = useStore(room.media);
  const leadId = leadTeacherOf(state)?.entry?.participantId ?? '';
  const content = ownShare && !listener ? { participantId: leadId, kind: MediaKind.SCREEN } : contentIn(slots, leadId);
  const look = stageLook(state, content);
  // A listener has few slots: what did not get one is not drawn small.
  const aside = listener ? look.aside.filter(({ participantId, kind }) => slotOf(participantId, kind)) : look.aside;
  return (
    <section className={styles.stage} aria-label={t('stage')} data-testid="stage">
      <div className={styles.main} data-count={look.main.length}>
        {look.main.map((shown) => (
          <Frame key={keyOf(shown)} shown={shown} whole />
        ))}
      </div>
      {aside.length > 0 && (
        <div className={styles.aside}>
          {aside.map((shown) => (
            <Frame key={keyOf(shown)} shown={shown} />
          ))}
        </div>
      )}
    </section>
  );
}

function Frame({ shown, whole = false }: { shown: Shown; whole?: boolean }) {
  const { t } = useTranslation('lesson');
  const { state, selfId } = useRoom();
  const name = nameIn(state, shown.participantId);
  const own = shown.participantId === selfId;
  const onStage = state.stage.includes(shown.participantId);
  return (
    <figure className={styles.frame} data-testid="stage-picture" data-participant={shown.participantId}>
      <Picture participantId={shown.participantId} kind={shown.kind} whole={whole} />
      <figcaption>
        {shown.kind !== MediaKind.CAMERA
          ? t('stageScreen')
          : own
            ? t('stageSelf')
            : onStage
              ? t('stageOf', { name })
              : name}
      </figcaption>
    </figure>
  );
}

function keyOf({ participantId, kind }: Shown): string {
  return `${participantId} ${kind}`;
}
