import { settings } from './settings.store.js';

/** Something that a player hears and feels. */
export type CueName = 'lead-in' | 'opened' | 'last-seconds' | 'closed' | 'confirmed';

/** `hertz` for `durationMs`, `afterMs` after the first tone. */
interface Tone {
  readonly hertz: number;
  readonly durationMs: number;
  readonly afterMs?: number;
}

interface Cue {
  readonly tones: readonly Tone[];
  /** As `navigator.vibrate` takes it: on, off, on, ... in milliseconds. */
  readonly vibration: readonly number[];
}

const CUES: Readonly<Record<CueName, Cue>> = {
  'lead-in': { tones: [{ hertz: 523, durationMs: 90 }], vibration: [20] },
  opened: {
    tones: [
      { hertz: 784, durationMs: 140 },
      { hertz: 1_047, durationMs: 260, afterMs: 110 },
    ],
    vibration: [60],
  },
  'last-seconds': { tones: [{ hertz: 659, durationMs: 70 }], vibration: [30] },
  closed: {
    tones: [
      { hertz: 1_319, durationMs: 900 },
      { hertz: 2_637, durationMs: 500 },
      { hertz: 1_319, durationMs: 900, afterMs: 220 },
    ],
    vibration: [120, 80, 200],
  },
  confirmed: { tones: [{ hertz: 880, durationMs: 90 }], vibration: [25] },
};

/** Loud enough beside a room's music, quiet enough for a phone at the ear. */
const LOUDNESS = 0.14;
const ATTACK_S = 0.008;
const MS_PER_SECOND = 1_000;

let context: AudioContext | null = null;

function sound({ hertz, durationMs, afterMs = 0 }: Tone, audio: AudioContext): void {
  const startsAt = audio.currentTime + afterMs / MS_PER_SECOND;
  const endsAt = startsAt + durationMs / MS_PER_SECOND;
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.type = 'sine';
  tone.frequency.value = hertz;
  // Struck and dying away, as a bell does; a tone that is cut off clicks.
  volume.gain.setValueAtTime(0, startsAt);
  volume.gain.linearRampToValueAtTime(LOUDNESS, startsAt + ATTACK_S);
  volume.gain.exponentialRampToValueAtTime(0.0001, endsAt);
  tone.connect(volume).connect(audio.destination);
  tone.start(startsAt);
  tone.stop(endsAt);
}

function unlock(): void {
  if (!settings.get().hasSound || typeof AudioContext === 'undefined') return;
  context ??= new AudioContext();
  if (context.state === 'suspended') void context.resume().catch(() => undefined);
}

/** Browsers make no sound before a person has touched the page: from then on cues can be heard. Returns how to stop. */
export function unlockSoundByGesture(): () => void {
  const events = ['pointerdown', 'keydown'] as const;
  for (const event of events) window.addEventListener(event, unlock, { passive: true });
  return () => {
    for (const event of events) window.removeEventListener(event, unlock);
  };
}

/** Whether this device can vibrate at all. */
export function canVibrate(): boolean {
  return typeof navigator !== 'undefined' && typeof navigator.vibrate === 'function';
}

/** Plays a cue as far as the settings and the browser allow; never throws, never queues for later. */
export function playCue(name: CueName): void {
  const { hasSound, hasVibration } = settings.get();
  const { tones, vibration } = CUES[name];
  // A tab that nobody sees or touched yet stays silent: browsers refuse both, some with a warning.
  if (hasSound && context?.state === 'running') {
    for (const tone of tones) sound(tone, context);
  }
  if (hasVibration && canVibrate() && navigator.userActivation?.hasBeenActive !== false) {
    navigator.vibrate([...vibration]);
  }
}
