interface Dial {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

const DIALS: readonly Dial[] = [
  { x: 170, y: 92, radius: 46 },
  { x: 62, y: 188, radius: 25 },
  { x: 302, y: 184, radius: 19 },
];

/** A big screen, a laptop and a phone with the same countdown. Decorative. */
export function SameOnAllScreens() {
  return (
    <svg className="landing-picture" viewBox="0 0 350 250" aria-hidden="true" focusable="false">
      <g className="landing-device">
        <rect x="58" y="12" width="224" height="158" rx="12" />
        <path d="M140 190h60M170 170v20" />
        <rect x="10" y="150" width="104" height="74" rx="8" />
        <path d="M2 232h120" />
        <rect x="270" y="132" width="64" height="106" rx="12" />
        <path d="M294 226h16" />
      </g>
      {DIALS.map(({ x, y, radius }) => (
        <g key={x} className="landing-dial" transform={`translate(${x} ${y}) scale(${radius / 46})`}>
          <circle r="46" pathLength="100" />
          <circle r="46" pathLength="100" strokeDasharray="60 100" transform="rotate(-90)" />
          <text y="15">12</text>
        </g>
      ))}
    </svg>
  );
}
