import type { Command } from './command.js';
import type { RememberedCommand, RoomState } from './room.state.js';
import type { Version } from './units.js';

/** How many commands with an id a room remembers; with the longest ids they fill about 3.2 of the state's 4 KiB. */
export const MAX_COMMANDS_REMEMBERED = 32;

/**
 * What a command asks for, in a few characters: two commands under one id must ask for the same thing to be a repeat.
 * FNV-1a over the fields in a fixed order; a collision would only let a misuse of an id pass as a repeat.
 */
export function fingerprint(command: Command): string {
  const { actor: _actor, commandId: _commandId, ...asked } = command;
  const text = Object.entries(asked)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}

/** The fingerprint that is remembered under the command's id by the same actor, or undefined. */
export function recall(state: RoomState, command: Command): string | undefined {
  if (command.commandId === undefined) return undefined;
  for (const entry of state.commands) {
    // Only the actor may contain spaces, so it comes last.
    const [commandId, asked, , ...actor] = entry.split(' ');
    if (commandId === command.commandId && actor.join(' ') === command.actor) return asked;
  }
  return undefined;
}

/** The memory after the command was done at `version`. */
export function remember(
  commands: RoomState['commands'],
  command: Command,
  version: Version,
): RoomState['commands'] {
  const { commandId, actor } = command;
  if (commandId === undefined) return commands;
  const entry = `${commandId} ${fingerprint(command)} ${version.toString(36)} ${actor}` as RememberedCommand;
  return [...commands, entry].slice(-MAX_COMMANDS_REMEMBERED);
}
