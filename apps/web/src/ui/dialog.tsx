import { type ReactNode, useEffect, useId, useRef } from 'react';

/**
 * A modal dialog. The browser keeps the focus in it, gives it back afterwards, and closes it on Escape. It is drawn only
 * while it is open, so its fields begin anew each time.
 */
export function Dialog({
  title,
  onClose,
  onSubmit,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}) {
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null || dialog.open) return;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className="qb-dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <h2 className="qb-dialog-title" id={id}>
          {title}
        </h2>
        {children}
      </form>
    </dialog>
  );
}

export function DialogActions({ children }: { readonly children: ReactNode }) {
  return <div className="qb-dialog-actions">{children}</div>;
}
