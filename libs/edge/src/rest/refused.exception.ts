import type { WireError } from '#libs/protocol';

/** A refusal on its way out of a controller; the filter makes a problem document of it. */
export class RefusedException extends Error {
  override readonly name = 'RefusedException';

  constructor(readonly error: WireError) {
    super(error.message);
  }
}
