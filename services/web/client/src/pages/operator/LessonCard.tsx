import { Button, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useZone } from '../../adapters/core';
import {
  Finding,
  HealthLight,
  Hop,
  type LessonHealth,
  LineCause,
  type NarrowLine,
  type ParticipantHealth,
} from '../../gen/tongke/classroom/v1/health_pb';
import { Icon } from '../../ui/Icon';
import { Light } from '../../ui/Light';
import { participantWord, phaseWord } from '../../ui/words';
import { ExternalDevices } from '../external/ExternalDevices';
import { isAbsent, needsAttention, participantsWorstFirst } from './board';
import { bitrate, dash, height, megabits, milliseconds, pair, percent } from './figures';
import styles from './LessonCard.module.css';

/** One lesson of the board: its light, what is wrong in words, and the figures of every participant. */
export function LessonCard({ lesson }: { lesson: LessonHealth }) {
  const { t } = useTranslation(['operator', 'common']);
  const { clock } = useZone();
  const participants = participantsWorstFirst(lesson);
  const problems = participants.filter((one) => needsAttention(one) && !isAbsent(one));
  return (
    <article className={styles.card} data-testid="lesson-card" data-lesson={lesson.lessonId}>
      <header className={styles.head}>
        <Light light={lesson.light} />
        <h2>{lesson.title}</h2>
        <span className={styles.quiet}>
          {t(`common:${phaseWord[lesson.phase]}`)} · {clock(lesson.startsAt)}–{clock(lesson.endsAt)} ·{' '}
          {t('lessonParticipants', { count: participants.length })}
        </span>
        <ExternalButton lesson={lesson} />
      </header>
      {problems.map((participant) => (
        <Problem key={participant.participantId} participant={participant} />
      ))}
      <Figures participants={participants} />
    </article>
  );
}

/** Opens the dialog of the lesson's external devices. */
function ExternalButton({ lesson: { lessonId, title, participants } }: { lesson: LessonHealth }) {
  const { t } = useTranslation('external');
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        type="text"
        size="small"
        className={styles.external ?? ''}
        icon={<Icon name="plug" size={16} />}
        aria-label={`${t('title')} ${title}`}
        onClick={() => setOpen(true)}
        data-testid="external"
      >
        {t('title')}
      </Button>
      {open && (
        <ExternalDevices
          lessonId={lessonId}
          nameOf={(id) => participants.find((one) => one.participantId === id)?.name ?? ''}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

/** One sentence: who, what, where, since when; and what to do next. */
function Problem({ participant }: { participant: ParticipantHealth }) {
  const { t } = useTranslation('operator');
  const { clock } = useZone();
  const finding = findingName(participant.finding);
  return (
    <div className={participant.light === HealthLight.RED ? styles.fault : styles.watch} data-testid="problem">
      <strong>{participant.name}</strong>
      <Light light={participant.light} word={t(`finding_${finding}`)} />
      {participant.hop !== Hop.UNSPECIFIED && (
        <span className={styles.quiet}>
          {t('hopAtFault')}：{t(`hop_${hopName(participant.hop)}`)}
        </span>
      )}
      {participant.since && <span className={styles.quiet}>{t('since', { time: clock(participant.since) })}</span>}
      {participant.narrowLine && <Narrow line={participant.narrowLine} />}
      <span className={styles.action}>
        {t('nextAction')}：{t(`action_${finding}`)}
      </span>
    </div>
  );
}

/** What the line to a participant costs it in pictures, and how that is known. */
function Narrow({ line }: { line: NarrowLine }) {
  const { t } = useTranslation('operator');
  const costs = [
    line.reduced > 0 && t('picturesReduced', { count: line.reduced }),
    line.paused > 0 && t('picturesPaused', { count: line.paused }),
    t('lineCarries', {
      carries: megabits(line.carriesKbps),
      wanted: megabits(line.wantedKbps),
      cause: t(`line_${causeName(line.cause)}`),
    }),
  ];
  return (
    <span className={styles.quiet} data-testid="narrow-line">
      {costs.filter(Boolean).join(' · ')}
    </span>
  );
}

function Figures({ participants }: { participants: ParticipantHealth[] }) {
  const { t } = useTranslation(['operator', 'common']);
  return (
    <Table<ParticipantHealth>
      size="small"
      rowKey="participantId"
      pagination={false}
      scroll={{ x: 940 }}
      dataSource={participants}
      className={styles.figures ?? ''}
      columns={[
        {
          title: t('columnParticipant'),
          render: (_, one) => (
            <>
              <strong>{one.name}</strong>{' '}
              <span className={styles.quiet}>{one.campusName || t(`common:${participantWord[one.role]}`)}</span>
            </>
          ),
        },
        {
          title: t('columnState'),
          render: (_, one) => <State participant={one} />,
        },
        { title: t('columnRtt'), align: 'right', render: (_, one) => milliseconds(one.roundTripMs) },
        {
          title: t('columnLoss'),
          align: 'right',
          render: (_, one) => pair(percent(one.lossUp), percent(one.lossDown)),
        },
        {
          title: t('columnBitrate'),
          align: 'right',
          render: (_, one) => pair(bitrate(one.bitrateUpKbps), bitrate(one.bitrateDownKbps)),
        },
        {
          title: t('columnHeight'),
          align: 'right',
          render: (_, one) => pair(height(one.heightReceived), height(one.heightWanted)),
        },
        { title: t('columnFreezes'), align: 'right', render: (_, one) => one.freezes ?? dash },
        { title: t('columnTransport'), render: (_, one) => one.transport.toUpperCase() || dash },
        { title: t('columnScore'), align: 'right', render: (_, one) => one.opinionScore?.toFixed(1) ?? dash },
      ]}
    />
  );
}

/** The finding says more than the light; without one, the light's own word. A well participant's line may be narrow too. */
function State({ participant }: { participant: ParticipantHealth }) {
  const { t } = useTranslation('operator');
  const { light, finding, narrowLine } = participant;
  const name = findingName(finding);
  return (
    <>
      {name === 'NONE' ? <Light light={light} /> : <Light light={light} word={t(`finding_${name}`)} />}
      {narrowLine && !needsAttention(participant) && (
        <div>
          <Narrow line={narrowLine} />
        </div>
      )}
    </>
  );
}

type Name<Enum> = Exclude<keyof Enum & string, 'UNSPECIFIED'>;

/** A finding that this client does not know yet is shown as none: its light still tells. */
function findingName(finding: Finding): Name<typeof Finding> {
  return finding === Finding.UNSPECIFIED ? 'NONE' : ((Finding[finding] ?? 'NONE') as Name<typeof Finding>);
}

/** A cause that this client does not know yet is being found out, as far as it can tell. */
function causeName(cause: LineCause): Name<typeof LineCause> {
  return cause === LineCause.UNSPECIFIED ? 'TRYING' : ((LineCause[cause] ?? 'TRYING') as Name<typeof LineCause>);
}

function hopName(hop: Hop): Name<typeof Hop> {
  return (Hop[hop] ?? 'ROOM') as Name<typeof Hop>;
}
