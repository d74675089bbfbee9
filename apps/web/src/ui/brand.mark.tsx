/** The bell whose rim is a countdown ring. Decorative: the name stands beside it. */
export function BrandMark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <circle
        cx="16"
        cy="16"
        r="13.5"
        fill="none"
        stroke="var(--line-strong)"
        strokeWidth="3"
        opacity="0.45"
      />
      <path
        d="M16 2.5a13.5 13.5 0 1 1-11.7 6.75"
        fill="none"
        stroke="var(--accent)"
        strokeWidth="3"
        strokeLinecap="round"
      />
      <path
        d="M9 20.8c1.7-1.3 2.2-3.2 2.2-5.5a4.8 4.8 0 0 1 9.6 0c0 2.3.5 4.2 2.2 5.5z"
        fill="currentColor"
      />
      <path
        d="M13.8 23.2a2.3 2.3 0 0 0 4.4 0"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
      />
      <circle cx="16" cy="9.4" r="1.4" fill="currentColor" />
    </svg>
  );
}
