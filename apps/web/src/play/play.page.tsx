import { useState } from 'react';
import { useMessages } from '../i18n/use.messages.js';
import { JoinCard } from '../landing/join.card.js';
import { SeatStorage, usableStore } from '../room/seat.storage.js';
import { PageFrame } from '../ui/index.js';
import { type EntryProblem, EntryView } from './entry.view.js';
import { PlayerRoom } from './player.room.js';
import { VerdictMemory } from './verdict.memory.js';
import './play.css';

/** A player's page. `pin` is null when the address has none: then it asks for one. */
export function PlayPage({ pin }: { readonly pin: string | null }) {
  return pin === null ? <PinPage /> : <PlayerPlace pin={pin} />;
}

function PinPage() {
  const { common } = useMessages();
  return (
    <PageFrame className="play">
      <div className="play-center">
        <h1 className="qb-unseen">{common.appName}</h1>
        <JoinCard />
      </div>
    </PageFrame>
  );
}

/**
 * How somebody comes in: by the seat that this tab has, or else under a name. `name` goes along with a seat, too, for a seat
 * that is no longer valid; null if the seat has none. Each attempt is a join of its own.
 */
interface Entering {
  readonly name: string | null;
  readonly attempt: number;
}

function PlayerPlace({ pin }: { readonly pin: string }) {
  const [{ seats, memory }] = useState(() => {
    const tab = usableStore(() => window.sessionStorage);
    const device = usableStore(() => window.localStorage);
    return { seats: new SeatStorage(pin, tab, device), memory: new VerdictMemory(pin, tab) };
  });
  const [entering, setEntering] = useState<Entering | null>(() => {
    const seat = seats.inTab();
    return seat === null ? null : { name: seat.name, attempt: 0 };
  });
  const [problem, setProblem] = useState<EntryProblem | null>(null);
  const enter = (name: string | null) =>
    setEntering((before) => ({ name, attempt: (before?.attempt ?? 0) + 1 }));

  if (entering === null) {
    return (
      <EntryView
        pin={pin}
        seat={seats.onDevice()}
        problem={problem}
        onContinue={() => {
          seats.takeUp();
          enter(seats.inTab()?.name ?? null);
        }}
        onName={enter}
      />
    );
  }
  return (
    <PlayerRoom
      key={entering.attempt}
      pin={pin}
      name={entering.name}
      seats={seats}
      memory={memory}
      onAgain={() => enter(entering.name)}
      onAnew={(why) => {
        seats.forget();
        memory.forget();
        setProblem(why);
        setEntering(null);
      }}
    />
  );
}
