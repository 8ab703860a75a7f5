/** HandIcon and MicIcon are drawn here: the screen loads no icon library. Words stand beside them. */
export function HandIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
      <path d="M11 2.5a1.25 1.25 0 0 1 2.5 0V10h.5V4a1.25 1.25 0 0 1 2.5 0v7h.5V6.5a1.25 1.25 0 0 1 2.5 0V15c0 4-2.7 7-7 7-3 0-4.9-1.3-6.4-3.7L3.2 14c-.4-.7-.2-1.5.4-1.9.6-.4 1.4-.3 1.9.2l2 2.2V5a1.25 1.25 0 0 1 2.5 0v5h1z" />
    </svg>
  );
}

export function MicIcon({ off }: { off: boolean }) {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" aria-hidden="true">
      <rect x="9" y="2.5" width="6" height="11.5" rx="3" fill="currentColor" stroke="none" />
      <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3.5" />
      {off && <path d="M4 3.5l16 17" strokeWidth="2.6" />}
    </svg>
  );
}
