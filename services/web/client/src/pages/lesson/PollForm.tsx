import { Button, Input, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/Icon';
import styles from './PollPanel.module.css';
import { fewestOptions, mostOptions, type Preset, usable } from './poll';
import { useRoom } from './room';

/** A new question: true or false, ABCD, or the teacher's own options. */
export function PollForm() {
  const { t } = useTranslation('lesson');
  const { send, isSending } = useRoom();
  const [preset, setPreset] = useState<Preset>('trueFalse');
  const [question, setQuestion] = useState('');
  const [own, setOwn] = useState(['', '']);
  const asked = {
    trueFalse: { question: t('pollQuestionDefaultTrueFalse'), options: [t('pollTrue'), t('pollFalse')] },
    choices: { question: t('pollQuestionDefaultChoices'), options: ['A', 'B', 'C', 'D'] },
    custom: { question: t('pollQuestionDefaultChoices'), options: usable(own) },
  }[preset];
  const enough = asked.options.length >= fewestOptions;
  const open = () => send((commands) => commands.openPoll(question.trim() || asked.question, asked.options));

  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (enough) void open();
      }}
    >
      <Segmented<Preset>
        block
        aria-label={t('poll')}
        value={preset}
        onChange={setPreset}
        data-testid="poll-preset"
        options={[
          { value: 'trueFalse', label: t('pollTrueFalse') },
          { value: 'choices', label: t('pollChoices') },
          { value: 'custom', label: t('pollCustom') },
        ]}
      />
      <Input
        aria-label={t('pollQuestion')}
        placeholder={asked.question}
        value={question}
        maxLength={200}
        data-testid="poll-question"
        onChange={(event) => setQuestion(event.target.value)}
      />
      {preset === 'custom' ? (
        <OwnOptions options={own} onChange={setOwn} />
      ) : (
        <p className={styles.quiet}>{asked.options.join(' · ')}</p>
      )}
      {!enough && <p className={styles.quiet}>{t('pollNeedsOptions')}</p>}
      <Button
        type="primary"
        htmlType="submit"
        disabled={!enough}
        loading={isSending('openPoll')}
        data-testid="poll-open"
      >
        {t('pollOpen')}
      </Button>
    </form>
  );
}

function OwnOptions({ options, onChange }: { options: string[]; onChange: (options: string[]) => void }) {
  const { t } = useTranslation('lesson');
  return (
    <>
      {options.map((option, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an option is its place; typing must not move the focus.
        <div key={index} className={styles.option}>
          <Input
            aria-label={t('pollOption', { number: index + 1 })}
            placeholder={t('pollOption', { number: index + 1 })}
            value={option}
            maxLength={80}
            onChange={(event) => onChange(options.with(index, event.target.value))}
          />
          {options.length > fewestOptions && (
            <Button
              type="text"
              aria-label={t('pollRemoveOption', { number: index + 1 })}
              icon={<Icon name="close" />}
              onClick={() => onChange(options.toSpliced(index, 1))}
            />
          )}
        </div>
      ))}
      {options.length < mostOptions && (
        <Button type="dashed" icon={<Icon name="plus" />} onClick={() => onChange([...options, ''])}>
          {t('pollAddOption')}
        </Button>
      )}
    </>
  );
}
