/** One of the choices of a question. `id` is what is sent as the answer; it is unique within the question. */
export interface Choice {
  readonly id: string;
  readonly text: string;
}

/** What these pages understand of a question's `content`, which is any JSON: the quiz app's own business. */
export interface QuestionContent {
  /** Null: the question is said or shown elsewhere. */
  readonly text: string | null;
  /** Empty: no choices that these pages could show. */
  readonly choices: readonly Choice[];
}

/** More than fit on any screen; whoever sends more wants another page. */
const MAX_CHOICES = 12;

const NOTHING: QuestionContent = { text: null, choices: [] };

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readText(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value.trim();
  return text === '' ? null : text;
}

function readChoice(value: unknown): Choice | null {
  if (!isRecord(value)) return null;
  const { id } = value;
  if (typeof id !== 'string' || id === '') return null;
  return { id, text: readText(value.text) ?? id };
}

/**
 * Reads `{ text?, choices?: [{ id, text }] }`. Whatever is not of that form is left out; nothing throws. Texts are for
 * showing as text only.
 */
export function readContent(content: unknown): QuestionContent {
  if (!isRecord(content)) return NOTHING;
  const listed = content.choices;
  const choices = new Map<string, Choice>();
  for (const entry of Array.isArray(listed) ? listed : []) {
    const choice = readChoice(entry);
    if (choice !== null && !choices.has(choice.id) && choices.size < MAX_CHOICES)
      choices.set(choice.id, choice);
  }
  return { text: readText(content.text), choices: [...choices.values()] };
}

/** What a player gets when the choices are said or shown elsewhere: four neutral ones. */
export const PAD_CHOICES: readonly Choice[] = ['a', 'b', 'c', 'd'].map((id) => ({
  id,
  text: id.toUpperCase(),
}));

/** Buttons to answer with: those of the question, or the neutral ones. */
export function answerChoices(content: QuestionContent): readonly Choice[] {
  return content.choices.length > 0 ? content.choices : PAD_CHOICES;
}

/** Whether the choices are not this question's own, so that a player has to look elsewhere. */
export function isPad(content: QuestionContent): boolean {
  return content.choices.length === 0;
}
