import { type RefObject, useEffect, useRef } from 'react';

/** The value of the last render, for effects that must not run again when it changes. They come after this one. */
export function useLatest<T>(value: T): Readonly<RefObject<T>> {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}
