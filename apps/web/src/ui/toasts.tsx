import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react';
import { useMessages } from '../i18n/use.messages.js';
import { Button } from './button.js';
import { CrossIcon } from './icons.js';
import { Notice, type Tone } from './notice.js';

/** A message about something that has just happened. */
export interface Toast {
  readonly text: string;
  readonly tone?: Tone;
  /** Such as to undo it. */
  readonly action?: { readonly label: string; readonly run: () => void };
}

type Shown = Toast & { readonly id: number };

const ToastContext = createContext<(toast: Toast) => void>(() => undefined);

/** Shows a message at the foot of the page for a while, and has it read out. */
export function useToast(): (toast: Toast) => void {
  return useContext(ToastContext);
}

/** A failure stays until it is dismissed. */
const SHOWN_MS = 7_000;
const MAX_SHOWN = 3;

export function Toasts({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Shown[]>([]);
  const nextId = useRef(0);
  const show = useCallback((toast: Toast) => {
    nextId.current += 1;
    const shown = { ...toast, id: nextId.current };
    // The same message again is one message.
    setToasts((before) => [...before.filter(({ text }) => text !== toast.text), shown].slice(-MAX_SHOWN));
  }, []);
  const dismiss = useCallback((id: number) => {
    setToasts((before) => before.filter((toast) => toast.id !== id));
  }, []);
  return (
    <ToastContext value={show}>
      {children}
      <ul className="qb-toasts" aria-live="polite">
        {toasts.map((toast) => (
          <ToastItem key={toast.id} toast={toast} dismiss={dismiss} />
        ))}
      </ul>
    </ToastContext>
  );
}

function ToastItem({ toast, dismiss }: { readonly toast: Shown; readonly dismiss: (id: number) => void }) {
  const { common } = useMessages();
  const [isHeld, setHeld] = useState(false);
  const { id, text, tone = 'info', action } = toast;
  useEffect(() => {
    if (tone === 'bad' || isHeld) return;
    const timer = setTimeout(() => dismiss(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id, tone, isHeld, dismiss]);
  return (
    <li
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Notice
        tone={tone}
        action={
          <div className="qb-row">
            {action !== undefined && (
              <Button
                onClick={() => {
                  action.run();
                  dismiss(id);
                }}
              >
                {action.label}
              </Button>
            )}
            <Button
              variant="quiet"
              size="icon"
              icon={<CrossIcon />}
              aria-label={common.dismiss}
              onClick={() => dismiss(id)}
            />
          </div>
        }
      >
        <p>{text}</p>
      </Notice>
    </li>
  );
}
