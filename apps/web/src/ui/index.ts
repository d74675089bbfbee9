// The design system of the pages. The look is in `../styles`, the words in `../i18n`.
export { type Announce, useAnnounce } from './announcer.js';
export { AppFrame } from './app.frame.js';
export { BrandMark } from './brand.mark.js';
export { Button, ButtonLink, type ButtonProps } from './button.js';
export { Card } from './card.js';
export { ChoiceMark, choiceLetter } from './choice.mark.js';
export { type Confirmation, useConfirm } from './confirm.js';
export { ConnectionBadge } from './connection.badge.js';
export { CountdownRing, type CountdownSource } from './countdown.ring.js';
export { Dialog, DialogActions } from './dialog.js';
export { Field, SelectField, Switch, TextAreaField, TextField } from './field.js';
export { Notice, type Tone } from './notice.js';
export { PageFrame } from './page.frame.js';
export { type Toast, useToast } from './toasts.js';
export { useCountdownCues } from './use.countdown.cues.js';
