import { Button, Input, type InputRef } from 'antd';
import { useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/Icon';
import styles from './external.module.css';

interface CopyFieldProps {
  label: string;
  value: string;
  testId: string;
}

/**
 * A text to be taken elsewhere. Where the browser has no clipboard for this page, which is so on plain HTTP, the text is
 * selected and the person told to copy it.
 */
export function CopyField({ label, value, testId }: CopyFieldProps) {
  const { t } = useTranslation('external');
  const id = useId();
  const input = useRef<InputRef>(null);
  const [outcome, setOutcome] = useState<'copied' | 'selected'>();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setOutcome('copied');
    } catch {
      input.current?.focus();
      input.current?.select();
      setOutcome('selected');
    }
  };
  return (
    <div className={styles.copy}>
      <label htmlFor={id}>{label}</label>
      <Input
        id={id}
        ref={input}
        readOnly
        value={value}
        spellCheck={false}
        className={styles.code ?? ''}
        onFocus={(event) => event.target.select()}
        data-testid={testId}
      />
      <Button
        icon={<Icon name={outcome === 'copied' ? 'check' : 'copy'} />}
        aria-label={`${t('copy')} ${label}`}
        onClick={() => void copy()}
        data-testid={`copy-${testId}`}
      >
        {t(outcome === 'copied' ? 'copied' : 'copy')}
      </Button>
      <span role="status" className={outcome === 'selected' ? styles.quiet : 'visually-hidden'}>
        {outcome && t(outcome === 'copied' ? 'copied' : 'copyYourself')}
      </span>
    </div>
  );
}
