import { type FormEvent, useState } from 'react';
import { useMessages } from '../i18n/use.messages.js';
import { Button, Card, TextField } from '../ui/index.js';
import { isPin, pinDigits, spacedPin } from './pin.text.js';

/** Asks for a PIN and goes to the player's page with it, by itself after the sixth digit. */
export function JoinCard() {
  const { landing } = useMessages();
  const [pin, setPin] = useState('');
  const [isWrong, setWrong] = useState(false);
  const go = (to: string) => window.location.assign(`/play/${to}`);
  const type = (text: string) => {
    const digits = pinDigits(text);
    setPin(digits);
    setWrong(false);
    // Only when it has just become whole: who comes back to a whole one may want to correct it.
    if (isPin(digits) && !isPin(pin)) go(digits);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isPin(pin)) go(pin);
    else setWrong(true);
  };
  return (
    <Card title={landing.joinTitle}>
      <form className="qb-stack" noValidate onSubmit={submit}>
        <TextField
          label={landing.pinLabel}
          hint={landing.pinHint}
          error={isWrong ? landing.pinIncomplete : null}
          className="qb-pin-input"
          inputMode="numeric"
          autoComplete="off"
          enterKeyHint="go"
          placeholder="––– –––"
          value={spacedPin(pin)}
          onChange={({ target }) => type(target.value)}
        />
        <Button type="submit" variant="primary" size="large">
          {landing.join}
        </Button>
      </form>
    </Card>
  );
}
