/** The palette; base.css repeats it as custom properties for style sheets. */
export const colours = {
  primary: '#1f6f6b',
  ink: '#1d2b2a',
  quiet: '#5a6b69',
  line: '#dbe3e0',
  paper: '#f4f7f5',
  good: '#2a7d4f',
  watch: '#b26a00',
  fault: '#b3352b',
  hand: '#c26a00',
} as const;
