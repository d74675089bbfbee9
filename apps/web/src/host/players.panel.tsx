import type { Member, Room, RoomState } from '#libs/client';
import { useLanguage, useMessages } from '../i18n/use.messages.js';
import { CrossIcon, PersonAwayIcon, PersonIcon } from '../ui/icons.js';
import { Button, Card, useConfirm, useToast } from '../ui/index.js';
import type { HostActions } from './use.host.actions.js';
import { useRoster } from './use.roster.js';

/** What the server calls a co-host whom nobody has named. */
const SERVER_NAME = 'Co-host';

/**
 * Who is connected first, then by name as the language sorts. Hosts and screens are not listed, and not who looks.
 *
 * @param own the playerId of who looks
 */
export function listedMembers(
  members: readonly Member[],
  own: string | undefined,
  language: string,
): readonly Member[] {
  const byName = new Intl.Collator(language, { numeric: true });
  return members
    .filter(({ role, playerId }) => (role === 'player' || role === 'co-host') && playerId !== own)
    .sort(
      (a, b) =>
        Number(b.connected) - Number(a.connected) ||
        byName.compare(a.name ?? '', b.name ?? '') ||
        a.playerId.localeCompare(b.playerId),
    );
}

/** The players, each with their connection, and how to remove one. */
export function PlayersPanel({
  room,
  state,
  actions,
}: {
  readonly room: Room | null;
  readonly state: RoomState;
  readonly actions: HostActions;
}) {
  const { host } = useMessages();
  const language = useLanguage();
  const { members, reload } = useRoster(room, state);
  const confirm = useConfirm();
  const toast = useToast();
  const listed = members === null ? [] : listedMembers(members, state.me?.playerId, language);
  const { presence } = state;

  const kick = async (inRoom: Room, { playerId }: Member, name: string) => {
    const answer = await confirm({
      title: host.kickTitle(name),
      text: host.kickText,
      confirmLabel: host.kick,
      isDangerous: true,
      optionLabel: host.kickBan,
    });
    if (answer === null) return;
    const isDone = await actions.run(`kick ${playerId}`, () =>
      inRoom.kick(playerId, { ban: answer.isOptionOn }),
    );
    if (isDone) toast({ tone: 'good', text: host.kicked(name) });
    reload();
  };

  return (
    <Card
      title={host.playersTitle}
      aside={
        presence !== null && (
          <p className="qb-soft qb-digits">
            {host.playersCount(presence.players)}
            {presence.spectators > 0 && `, ${host.screens(presence.spectators)}`}
          </p>
        )
      }
    >
      {listed.length === 0 ? (
        <p className="qb-soft">{host.noPlayers}</p>
      ) : (
        <ul className="host-players">
          {listed.map((member) => (
            <PlayerRow
              key={member.playerId}
              member={member}
              onKick={room === null ? null : (name) => void kick(room, member, name)}
            />
          ))}
        </ul>
      )}
    </Card>
  );
}

function PlayerRow({
  member,
  onKick,
}: {
  readonly member: Member;
  readonly onKick: ((name: string) => void) | null;
}) {
  const { host } = useMessages();
  const name =
    member.role === 'co-host' && member.name === SERVER_NAME
      ? host.roleCoHost
      : (member.name ?? host.unnamed);
  return (
    <li data-connected={member.connected}>
      {member.connected ? <PersonIcon /> : <PersonAwayIcon />}
      <span className="host-player">
        <span className="host-player-name">
          {name}
          {member.role === 'co-host' && name !== host.roleCoHost && ` (${host.roleCoHost})`}
        </span>
        <span className="host-player-state">{member.connected ? host.here : host.away}</span>
      </span>
      <Button
        variant="quiet"
        size="icon"
        icon={<CrossIcon />}
        aria-label={host.kickOf(name)}
        isOff={onKick === null}
        onClick={() => onKick?.(name)}
      />
    </li>
  );
}
