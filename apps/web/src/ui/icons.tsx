import type { ReactNode } from 'react';

// Drawn here, 24 x 24, so that no page loads anything for them. They only accompany a text, so screen readers skip them.

function icon(children: ReactNode) {
  return function Icon() {
    return (
      <svg
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {children}
      </svg>
    );
  };
}

export const PlayIcon = icon(<path d="M7 4.5v15l12-7.5z" fill="currentColor" />);
export const PauseIcon = icon(<path d="M8 5v14M16 5v14" strokeWidth="4" />);
export const StopIcon = icon(<rect x="5.5" y="5.5" width="13" height="13" rx="1.5" fill="currentColor" />);
export const BellIcon = icon(
  <>
    <path d="M5 17c1.6-1.5 2-3.5 2-6a5 5 0 0 1 10 0c0 2.5.4 4.5 2 6z" />
    <path d="M10 20.5h4M12 3v2" />
  </>,
);
export const HourglassIcon = icon(
  <path d="M7 3h10M7 21h10M8 3c0 5 8 6 8 9s-8 4-8 9M16 3c0 5-8 6-8 9s8 4 8 9" />,
);
export const CopyIcon = icon(
  <>
    <rect x="8.5" y="8.5" width="11.5" height="11.5" rx="2" />
    <path d="M15.5 5.5V5a1.5 1.5 0 0 0-1.5-1.5H5.5A1.5 1.5 0 0 0 4 5v8.5A1.5 1.5 0 0 0 5.5 15" />
  </>,
);
export const ScreenIcon = icon(
  <>
    <rect x="3" y="4" width="18" height="12" rx="2" />
    <path d="M12 16v4M8 20h8" />
  </>,
);
export const PersonIcon = icon(
  <>
    <circle cx="12" cy="8" r="4" />
    <path d="M4.5 20.5c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5" />
  </>,
);
export const PersonAwayIcon = icon(
  <>
    <circle cx="10" cy="8" r="4" strokeDasharray="3 3" />
    <path d="M2.5 20.5c1-4 4-5.5 7.5-5.5M16 16l5 5M21 16l-5 5" />
  </>,
);
export const KeyIcon = icon(
  <>
    <circle cx="8" cy="15" r="4.5" />
    <path d="m11.5 11.5 8.5-8.5M16.5 6.5l3 3" />
  </>,
);
export const CheckIcon = icon(<path d="m4.5 12.5 5 5 10-11" strokeWidth="2.5" />);
export const CrossIcon = icon(<path d="m6 6 12 12M18 6 6 18" strokeWidth="2.5" />);
export const PlusIcon = icon(<path d="M12 5v14M5 12h14" strokeWidth="2.5" />);
export const PencilIcon = icon(<path d="m4 20 1-4.5L16.5 4l3.5 3.5L8.5 19z" />);
export const TrashIcon = icon(<path d="M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13" />);
export const UpIcon = icon(<path d="m6 14 6-6 6 6" strokeWidth="2.5" />);
export const DownIcon = icon(<path d="m6 10 6 6 6-6" strokeWidth="2.5" />);
export const GearIcon = icon(
  <>
    <path d="M4 7h9M17 7h3M4 17h3M11 17h9" />
    <circle cx="15" cy="7" r="2.5" />
    <circle cx="9" cy="17" r="2.5" />
  </>,
);
export const WarningIcon = icon(
  <>
    <path d="M12 4 2.5 20h19z" />
    <path d="M12 10v4.5M12 17.3v.2" />
  </>,
);
export const InfoIcon = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 11v5.5M12 7.5v.2" />
  </>,
);
export const TurnIcon = icon(<path d="M20 12a8 8 0 1 1-2.5-5.8M20 3.5v4h-4" />);
export const LiveIcon = icon(<circle cx="12" cy="12" r="5.5" fill="currentColor" />);
export const ClockIcon = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 7v5l3.5 2" />
  </>,
);
export const EndedIcon = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="m6.5 6.5 11 11" />
  </>,
);
export const OpenIcon = icon(<path d="M10 5H5v14h14v-5M14 4h6v6M20 4l-9 9" />);
