import { describe, expect, it } from '@jest/globals';
import { shownPhase } from './shown.phase.js';

describe('the phase in which a question is shown', () => {
  it('is open when its lead-in is over, though nobody has said so yet', () => {
    expect(shownPhase('lead-in', 'open')).toBe('open');
    expect(shownPhase('lead-in', 'lead-in')).toBe('lead-in');
  });

  it('is otherwise what the server said', () => {
    for (const phase of ['idle', 'open', 'paused', 'closed'] as const) {
      for (const counted of ['idle', 'lead-in', 'open', 'paused', 'closed'] as const) {
        expect(shownPhase(phase, counted)).toBe(phase);
      }
    }
  });
});
