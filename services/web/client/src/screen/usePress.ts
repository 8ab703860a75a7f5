import { useCallback, useEffect, useState } from 'react';
import { useFaultText } from '../ui/useFaultText';

/** Press sends what somebody pressed; a refusal becomes one plain sentence. */
export type Press = (sent: Promise<unknown>) => void;

const shownMs = 6_000;

/** usePress gives a Press, and the sentence about the last refusal for a while. */
export function usePress(): { press: Press; problem: string } {
  const faultText = useFaultText();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    if (problem === '') return;
    const timer = setTimeout(() => setProblem(''), shownMs);
    return () => clearTimeout(timer);
  }, [problem]);
  const press = useCallback<Press>(
    (sent) => {
      sent.catch((error: unknown) => setProblem(faultText(error)));
    },
    [faultText],
  );
  return { press, problem };
}
