import { useCallback, useRef, useState } from 'react';
import { failureText } from '../i18n/error.text.js';
import { useMessages } from '../i18n/use.messages.js';
import { useToast } from '../ui/index.js';

/** Does what a host asks for, and says so when it was refused. */
export interface HostActions {
  /** What is being done now, by name. */
  readonly pending: ReadonlySet<string>;
  /**
   * Whether it was done. Never rejects. While one of a name is under way, another one of it is not begun, unless it
   * `isRepeatable`.
   */
  readonly run: (
    name: string,
    action: () => Promise<unknown>,
    options?: { readonly isRepeatable?: boolean },
  ) => Promise<boolean>;
}

export function useHostActions(): HostActions {
  const messages = useMessages();
  const toast = useToast();
  const [pending, setPending] = useState<ReadonlySet<string>>(new Set());
  // Beside the state, which a second key press in the same moment does not see yet.
  const underWay = useRef(new Set<string>());
  const run = useCallback<HostActions['run']>(
    async (name, action, { isRepeatable = false } = {}) => {
      if (isRepeatable) return attempt(action);
      if (underWay.current.has(name)) return false;
      underWay.current.add(name);
      setPending(new Set(underWay.current));
      const isDone = await attempt(action);
      underWay.current.delete(name);
      setPending(new Set(underWay.current));
      return isDone;

      async function attempt(act: () => Promise<unknown>): Promise<boolean> {
        try {
          await act();
          return true;
        } catch (failure) {
          toast({ tone: 'bad', text: failureText(messages, failure) });
          return false;
        }
      }
    },
    [messages, toast],
  );
  return { pending, run };
}
