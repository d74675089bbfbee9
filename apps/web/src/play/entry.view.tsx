import { type FormEvent, useEffect, useRef, useState } from 'react';
import { LIMITS } from '#libs/protocol/wire';
import { useMessages } from '../i18n/use.messages.js';
import { spacedPin } from '../landing/pin.text.js';
import type { Seat } from '../room/seat.storage.js';
import { Button, Notice, PageFrame, TextField } from '../ui/index.js';
import { checkName } from './name.check.js';

/** Why somebody is asked for a name again. */
export type EntryProblem = 'no-entry' | 'name-refused' | 'bad-name' | 'left';

/** Where a player comes in: under a name, or with the seat that somebody had on this device. */
export function EntryView({
  pin,
  seat,
  problem,
  onContinue,
  onName,
}: {
  readonly pin: string;
  readonly seat: Seat | null;
  readonly problem: EntryProblem | null;
  readonly onContinue: () => void;
  readonly onName: (name: string) => void;
}) {
  const { play } = useMessages();
  const [isOther, setOther] = useState(false);
  useEffect(() => {
    document.title = play.pageTitle(pin);
  }, [play, pin]);
  return (
    <PageFrame className="play" aside={<span className="play-room">{play.room(spacedPin(pin))}</span>}>
      <div className="play-center">
        {problem === 'no-entry' && (
          <Notice tone="warn" role="alert">
            <p>{play.noEntry}</p>
          </Notice>
        )}
        {seat !== null && !isOther ? (
          <section className="qb-card play-form" aria-labelledby="play-back">
            <h1 className="play-title" id="play-back">
              {play.backTitle}
            </h1>
            <p className="qb-soft">{play.backText}</p>
            <Button variant="primary" size="large" onClick={onContinue}>
              {seat.name === null ? play.continueUnnamed : play.continueAs(seat.name)}
            </Button>
            <Button size="large" onClick={() => setOther(true)}>
              {play.joinAsOther}
            </Button>
          </section>
        ) : (
          <NameForm problem={problem} hasFocus={isOther} onName={onName} />
        )}
      </div>
    </PageFrame>
  );
}

function NameForm({
  problem,
  hasFocus,
  onName,
}: {
  readonly problem: EntryProblem | null;
  /** Whether the form has taken the place of what had the focus. */
  readonly hasFocus: boolean;
  readonly onName: (name: string) => void;
}) {
  const { play } = useMessages();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState<'missing' | 'too-long' | 'refused' | null>(
    problem === 'name-refused' || problem === 'bad-name' ? 'refused' : null,
  );
  useEffect(() => {
    if (hasFocus) field.current?.focus();
  }, [hasFocus]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const check = checkName(typed);
    if (check.kind === 'name') {
      onName(check.name);
      return;
    }
    setWrong(check.kind);
    field.current?.focus();
  };
  const errors = {
    missing: play.nameMissing,
    'too-long': play.nameTooLong(LIMITS.nameLength.max),
    refused: play.nameRefused,
  };
  return (
    <form className="qb-card play-form" noValidate onSubmit={submit}>
      <h1 className="play-title">{play.nameTitle}</h1>
      <TextField
        ref={field}
        label={play.nameLabel}
        hint={play.nameHint}
        error={wrong === null ? null : errors[wrong]}
        className="play-name"
        autoComplete="nickname"
        autoCapitalize="words"
        spellCheck={false}
        enterKeyHint="go"
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          setWrong(null);
        }}
      />
      <Button type="submit" variant="primary" size="large">
        {play.enter}
      </Button>
    </form>
  );
}
