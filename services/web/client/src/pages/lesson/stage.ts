/** What is large in a live lesson. Pure. */
import { leadTeacherOf } from '../../core/lesson/look';
import type { LessonState } from '../../gen/tongke/classroom/v1/event_pb';
import { MediaKind } from '../../gen/tongke/relay/v1/relay_pb';

/** One picture on the stage. */
export interface Shown {
  readonly participantId: string;
  readonly kind: MediaKind;
}

export interface StageLook {
  /** Large, side by side. */
  readonly main: readonly Shown[];
  /** Small, in the corner. */
  readonly aside: readonly Shown[];
}

/**
 * Content, such as a shared screen, is largest; then whoever is on stage; then the lead teacher.
 * What is not large but belongs to the stage stays in the corner.
 */
export function stageLook(state: LessonState, content: Shown | undefined): StageLook {
  const leadId = leadTeacherOf(state)?.entry?.participantId ?? '';
  const lead: Shown = { participantId: leadId, kind: MediaKind.CAMERA };
  const onStage = state.stage.map((participantId): Shown => ({ participantId, kind: MediaKind.CAMERA }));
  if (content) return { main: [content], aside: [...onStage, lead] };
  if (onStage.length > 0) return { main: onStage, aside: [lead] };
  return { main: [lead], aside: [] };
}
