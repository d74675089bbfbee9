/** Whether this gateway is going away; known to whatever must not begin anything new then. */
export class DrainState {
  private hasBegun = false;

  get isDraining(): boolean {
    return this.hasBegun;
  }

  begin(): void {
    this.hasBegun = true;
  }
}
