/** The palette; base.css repeats it as custom properties for style sheets. */
export const colours = {
  primary: '#1f6f6b',
  primarySoft: '#e4f0ee',
  ink: '#1d2b2a',
  quiet: '#5a6b69',
  line: '#dbe3e0',
  paper: '#f4f7f5',
  good: '#2a7d4f',
  goodSoft: '#e6f3ea',
  watch: '#b26a00',
  watchSoft: '#fdf3e0',
  fault: '#b3352b',
  faultSoft: '#fbeae8',
  hand: '#c26a00',
} as const;
