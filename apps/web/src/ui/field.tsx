import { type ComponentProps, type ReactNode, useId } from 'react';
import { WarningIcon } from './icons.js';

interface Frame {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with the value, as a sentence; null if nothing is. */
  readonly error?: string | null | undefined;
}

/** What a control has to carry so that its label, hint and error belong to it. */
interface ControlAttributes {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
}

/** A labelled control with a hint and an error. */
export function Field({
  label,
  hint,
  error = null,
  children,
}: Frame & { readonly children: (attributes: ControlAttributes) => ReactNode }) {
  const id = useId();
  const described = [hint === undefined ? [] : `${id}-hint`, error === null ? [] : `${id}-error`].flat();
  return (
    <div className="qb-field">
      <label className="qb-field-label" htmlFor={id}>
        {label}
      </label>
      {children({
        id,
        'aria-describedby': described.length > 0 ? described.join(' ') : undefined,
        'aria-invalid': error !== null || undefined,
      })}
      {hint !== undefined && (
        <span className="qb-field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {error !== null && (
        <span className="qb-field-error" id={`${id}-error`} role="alert">
          <WarningIcon />
          {error}
        </span>
      )}
    </div>
  );
}

/** A line of text. */
export function TextField({ label, hint, error, className, ...input }: Frame & ComponentProps<'input'>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(attributes) => (
        <input type="text" {...input} {...attributes} className={`qb-input ${className ?? ''}`} />
      )}
    </Field>
  );
}

/** Several lines of text. */
export function TextAreaField({ label, hint, error, ...area }: Frame & ComponentProps<'textarea'>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(attributes) => <textarea {...area} {...attributes} className="qb-input" />}
    </Field>
  );
}

/** One of a few. */
export function SelectField({ label, hint, error, ...select }: Frame & ComponentProps<'select'>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(attributes) => <select {...select} {...attributes} className="qb-input" />}
    </Field>
  );
}

/** On or off. */
export function Switch({
  label,
  isOn,
  onChange,
}: {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}) {
  return (
    <label className="qb-switch">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.target.checked)} />
      <span>{label}</span>
    </label>
  );
}
