import { Button, InputNumber } from 'antd';
import { useTranslation } from 'react-i18next';

/** The server accepts at most this many heads in one room. */
const mostHeads = 200;

interface CounterProps {
  label: string;
  value: number;
  onChange: (value: number) => void;
  testId?: string;
}

/** Counter counts heads with a thumb; the number can be typed as well. */
export function Counter({ label, value, onChange, testId }: CounterProps) {
  const { t } = useTranslation('assistant');
  return (
    <span style={{ display: 'inline-flex', gap: 4 }}>
      <Button
        size="large"
        aria-label={`${label}: ${t('fewer')}`}
        disabled={value <= 0}
        onClick={() => onChange(value - 1)}
      >
        −
      </Button>
      <InputNumber
        size="large"
        style={{ width: 64 }}
        aria-label={label}
        min={0}
        max={mostHeads}
        precision={0}
        controls={false}
        inputMode="numeric"
        value={value}
        onChange={(typed) => onChange(typed ?? 0)}
        data-testid={testId}
      />
      <Button
        size="large"
        aria-label={`${label}: ${t('more')}`}
        disabled={value >= mostHeads}
        onClick={() => onChange(value + 1)}
      >
        +
      </Button>
    </span>
  );
}
