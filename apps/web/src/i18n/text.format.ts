/** The forms of a word that goes with a number; which are needed depends on the language. */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

/** How a language writes numbers and times. One per language, made by its dictionary. */
export interface TextFormat {
  number(value: number): string;
  /** `3 players`: the number and the form that goes with it. */
  count(value: number, forms: PluralForms): string;
  /** `1.4 s`, `320 ms` below one second, as the language writes numbers; `valueMs` is in milliseconds. */
  time(valueMs: number): string;
  /** `12 seconds`, in full words. */
  seconds(value: number): string;
  /** `42 %`; `share` is 0 to 1. */
  percent(share: number): string;
}

const MS_PER_SECOND = 1_000;

/** @param language a BCP 47 tag */
export function textFormat(language: string): TextFormat {
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  const milliseconds = new Intl.NumberFormat(language, {
    style: 'unit',
    unit: 'millisecond',
    maximumFractionDigits: 0,
  });
  // The unit's sign and a space that does not break, as on the buttons: Intl has `1.4s` or `1.4 sec`.
  const tenths = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const longSeconds = new Intl.NumberFormat(language, { style: 'unit', unit: 'second', unitDisplay: 'long' });
  const percents = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });
  return {
    number: (value) => numbers.format(value),
    count: (value, forms) => `${numbers.format(value)} ${forms[plurals.select(value)] ?? forms.other}`,
    time: (valueMs) =>
      Math.abs(valueMs) < MS_PER_SECOND
        ? milliseconds.format(valueMs)
        : `${tenths.format(valueMs / MS_PER_SECOND)}\u00a0s`,
    seconds: (value) => longSeconds.format(value),
    percent: (share) => percents.format(share),
  };
}
