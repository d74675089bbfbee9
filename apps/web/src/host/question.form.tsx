import { useState } from 'react';
import { useMessages } from '../i18n/use.messages.js';
import { CrossIcon, PlusIcon } from '../ui/icons.js';
import {
  Button,
  ChoiceMark,
  choiceLetter,
  Dialog,
  DialogActions,
  Notice,
  TextAreaField,
  TextField,
} from '../ui/index.js';
import {
  MAX_CHOICES,
  MIN_CHOICES,
  problemsOf,
  type QuestionProblems,
  type QuizQuestion,
  RANGES,
  tidied,
} from './question.list.js';

type TimeField = keyof typeof RANGES;

/** What is typed; numbers as text, because a field may be empty for a while. */
interface Draft extends Omit<QuizQuestion, TimeField> {
  readonly times: Readonly<Record<TimeField, string>>;
}

function draftOf({ seconds, leadInSeconds, graceSeconds, ...rest }: QuizQuestion): Draft {
  return {
    ...rest,
    times: {
      seconds: String(seconds),
      leadInSeconds: String(leadInSeconds),
      graceSeconds: String(graceSeconds),
    },
  };
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

function questionOf({ times, ...rest }: Draft): QuizQuestion {
  const { seconds, leadInSeconds, graceSeconds } = times;
  return tidied({
    ...rest,
    seconds: numberOf(seconds),
    leadInSeconds: numberOf(leadInSeconds),
    graceSeconds: numberOf(graceSeconds),
  });
}

/** An id that none of the choices has: removing one must not hand its id to another. */
function freshId(choices: QuizQuestion['choices']): string {
  const taken = new Set(choices.map(({ id }) => id));
  let place = 0;
  while (taken.has(`n${place}`)) place += 1;
  return `n${place}`;
}

/** The editor of one question, in a dialog. Problems are told when it is saved, and from then on as they change. */
export function QuestionForm({
  question,
  isNew,
  onClose,
  onSave,
}: {
  readonly question: QuizQuestion;
  readonly isNew: boolean;
  readonly onClose: () => void;
  readonly onSave: (question: QuizQuestion) => void;
}) {
  const { host, common } = useMessages();
  const { form } = host;
  const [draft, setDraft] = useState(() => draftOf(question));
  const [isChecked, setChecked] = useState(false);
  const problems = isChecked ? problemsOf(questionOf(draft)) : null;
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const save = () => {
    setChecked(true);
    const typed = questionOf(draft);
    if (problemsOf(typed) === null) onSave(typed);
  };
  const textProblem = { missing: form.textMissing, 'too-long': form.tooLong };
  return (
    <Dialog title={isNew ? form.addTitle : form.editTitle} onClose={onClose} onSubmit={save}>
      <TextAreaField
        label={form.text}
        error={problems === null || problems.text === null ? null : textProblem[problems.text]}
        rows={2}
        autoFocus
        value={draft.text}
        onChange={({ target }) => change({ text: target.value })}
      />
      <ChoicesField draft={draft} change={change} />
      {problems?.choices === 'missing' && (
        <Notice tone="bad" role="alert">
          <p>{form.choicesMissing}</p>
        </Notice>
      )}
      <TimesField draft={draft} change={change} problems={problems} />
      <DialogActions>
        <Button onClick={onClose}>{common.cancel}</Button>
        <Button type="submit" variant="primary">
          {form.save}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

interface PartProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
}

function ChoicesField({ draft, change }: PartProps) {
  const { form } = useMessages().host;
  const { choices, correct } = draft;
  const write = (id: string, text: string) =>
    change({ choices: choices.map((choice) => (choice.id === id ? { id, text } : choice)) });
  const remove = (id: string) =>
    change({
      choices: choices.filter((choice) => choice.id !== id),
      ...(correct === id ? { correct: null } : {}),
    });
  return (
    <fieldset className="host-form-choices">
      <legend className="qb-field-label">{form.choices}</legend>
      {choices.map(({ id, text }, index) => {
        const letter = choiceLetter(index);
        return (
          <div key={id} className="host-form-choice">
            <ChoiceMark index={index} />
            <input
              className="qb-input"
              type="text"
              aria-label={form.choice(letter)}
              value={text}
              onChange={({ target }) => write(id, target.value)}
            />
            <label className="host-form-right">
              <input
                type="radio"
                name="correct"
                aria-label={form.rightOf(letter)}
                checked={correct === id}
                onChange={() => change({ correct: id })}
              />
              {form.right}
            </label>
            <Button
              variant="quiet"
              size="icon"
              icon={<CrossIcon />}
              aria-label={form.removeChoice(letter)}
              isOff={choices.length <= MIN_CHOICES}
              onClick={() => remove(id)}
            />
          </div>
        );
      })}
      <div className="qb-row host-form-more">
        <Button
          icon={<PlusIcon />}
          isOff={choices.length >= MAX_CHOICES}
          onClick={() => change({ choices: [...choices, { id: freshId(choices), text: '' }] })}
        >
          {form.addChoice}
        </Button>
        <label className="host-form-right">
          <input
            type="radio"
            name="correct"
            checked={correct === null}
            onChange={() => change({ correct: null })}
          />
          {form.noneRight}
        </label>
      </div>
    </fieldset>
  );
}

function TimesField({ draft, change, problems }: PartProps & { readonly problems: QuestionProblems | null }) {
  const { form } = useMessages().host;
  const { times } = draft;
  const field = (name: TimeField, label: string, hint?: string) => {
    const { min, max } = RANGES[name];
    return (
      <TextField
        label={label}
        hint={hint}
        error={problems?.[name] === true ? form.outOfRange(min, max) : null}
        inputMode="numeric"
        value={times[name]}
        onChange={({ target }) => change({ times: { ...times, [name]: target.value } })}
      />
    );
  };
  return (
    <div className="host-form-times">
      {field('seconds', form.seconds)}
      {field('leadInSeconds', form.leadIn, form.leadInHint)}
      {field('graceSeconds', form.grace, form.graceHint)}
    </div>
  );
}
