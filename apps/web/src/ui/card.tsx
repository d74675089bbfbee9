import { type ComponentProps, type ReactNode, useId } from 'react';

/** A titled part of a page. Screen readers list it as a region by its title. */
export function Card({
  title,
  aside,
  children,
  ...rest
}: Omit<ComponentProps<'section'>, 'title'> & { readonly title: string; readonly aside?: ReactNode }) {
  const id = useId();
  return (
    <section {...rest} className={`qb-card ${rest.className ?? ''}`} aria-labelledby={id}>
      <div className="qb-card-head">
        <h2 className="qb-card-title" id={id}>
          {title}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
