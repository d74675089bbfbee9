import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import { useMessages } from '../i18n/use.messages.js';
import { Button } from './button.js';
import { Dialog, DialogActions } from './dialog.js';
import { Switch } from './field.js';

/** A question before something that cannot be undone. */
export interface Confirmation {
  readonly title: string;
  readonly text: string;
  readonly confirmLabel: string;
  readonly isDangerous?: boolean;
  /** A choice within it, off at first. */
  readonly optionLabel?: string;
}

/** Whether the option was chosen, or null if it was not confirmed. */
export type ConfirmAnswer = { readonly isOptionOn: boolean } | null;

type Asked = Confirmation & { readonly answer: (answer: ConfirmAnswer) => void };

const ConfirmContext = createContext<(confirmation: Confirmation) => Promise<ConfirmAnswer>>(() =>
  Promise.resolve(null),
);

/** Asks in a dialog. A second question answers the first one with null. */
export function useConfirm(): (confirmation: Confirmation) => Promise<ConfirmAnswer> {
  return useContext(ConfirmContext);
}

export function Confirms({ children }: { readonly children: ReactNode }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const confirm = useCallback(
    (confirmation: Confirmation) =>
      new Promise<ConfirmAnswer>((resolve) => {
        setAsked((before) => {
          before?.answer(null);
          return { ...confirmation, answer: resolve };
        });
      }),
    [],
  );
  const answer = (value: ConfirmAnswer) => {
    asked?.answer(value);
    setAsked(null);
  };
  return (
    <ConfirmContext value={confirm}>
      {children}
      {asked !== null && <ConfirmDialog asked={asked} answer={answer} />}
    </ConfirmContext>
  );
}

function ConfirmDialog({
  asked,
  answer,
}: {
  readonly asked: Asked;
  readonly answer: (answer: ConfirmAnswer) => void;
}) {
  const { common } = useMessages();
  const [isOptionOn, setOptionOn] = useState(false);
  const { title, text, confirmLabel, isDangerous = false, optionLabel } = asked;
  return (
    <Dialog title={title} onClose={() => answer(null)} onSubmit={() => answer({ isOptionOn })}>
      <p>{text}</p>
      {optionLabel !== undefined && <Switch label={optionLabel} isOn={isOptionOn} onChange={setOptionOn} />}
      <DialogActions>
        <Button onClick={() => answer(null)}>{common.cancel}</Button>
        <Button type="submit" variant={isDangerous ? 'danger' : 'primary'}>
          {confirmLabel}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
