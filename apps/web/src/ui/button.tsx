import type { ComponentProps, MouseEvent, ReactNode } from 'react';

interface Look {
  readonly variant?: 'primary' | 'secondary' | 'quiet' | 'danger';
  readonly size?: 'normal' | 'large' | 'icon';
  readonly icon?: ReactNode;
  /** The key that does the same, as it is printed on it. */
  readonly keyName?: string;
}

export interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'>, Look {
  /** Cannot be used now. It stays focusable, so that nobody loses their place when it goes off under their finger. */
  readonly isOff?: boolean;
  /** At work; cannot be used meanwhile. */
  readonly isBusy?: boolean;
}

/** A button. `type` is `button` unless a form says `submit`. */
export function Button({
  variant = 'secondary',
  size = 'normal',
  icon,
  keyName,
  isOff = false,
  isBusy = false,
  onClick,
  children,
  ...rest
}: ButtonProps) {
  const click = (event: MouseEvent<HTMLButtonElement>) => {
    // Also keeps a form from being sent.
    if (isOff || isBusy) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <button
      type="button"
      {...rest}
      className={`qb-button ${rest.className ?? ''}`}
      data-variant={variant}
      data-size={size}
      aria-disabled={isOff || undefined}
      aria-busy={isBusy || undefined}
      onClick={click}
    >
      {icon}
      {children}
      {keyName !== undefined && (
        <span className="qb-key" aria-hidden="true">
          {keyName}
        </span>
      )}
    </button>
  );
}

/** A link that looks like a button: it goes somewhere. */
export function ButtonLink({
  variant = 'secondary',
  size = 'normal',
  icon,
  children,
  ...rest
}: ComponentProps<'a'> & Omit<Look, 'keyName'>) {
  return (
    <a {...rest} className={`qb-button ${rest.className ?? ''}`} data-variant={variant} data-size={size}>
      {icon}
      {children}
    </a>
  );
}
