import { useEffect, useState } from 'react';

/** True once something has been true for a while: what is over in a blink need not be said. */
export function useLasting(flag: boolean, ms: number): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!flag) return setLasting(false);
    const timer = setTimeout(() => setLasting(true), ms);
    return () => clearTimeout(timer);
  }, [flag, ms]);
  return flag && lasting;
}
