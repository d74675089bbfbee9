import type { Room, RoomState, Snapshot } from '#libs/client';
import { useMessages } from '../i18n/use.messages.js';
import { type QuestionContent, readContent } from '../room/question.content.js';
import { useSettings } from '../settings/use.settings.js';
import { PauseIcon, PlayIcon, StopIcon } from '../ui/icons.js';
import { Button, Card, CountdownRing, Notice, useAnnounce } from '../ui/index.js';
import { ChoiceList } from './choice.list.js';
import { isActive, isAllowed, type KeyAction, mainCommand } from './command.table.js';
import { nextAfter, type QuizQuestion, startOf } from './question.list.js';
import type { HostActions } from './use.host.actions.js';
import type { Quiz } from './use.quiz.js';
import { useShortcuts } from './use.shortcuts.js';

const STEP_MS = 10_000;
/** From so many characters on, a question has smaller letters. */
const LONG = 160;

interface ControlPanelProps {
  readonly room: Room | null;
  readonly state: RoomState;
  readonly quiz: Quiz;
  readonly actions: HostActions;
}

/** The countdown, the question that is played or comes next, and everything that a host does with it. */
export function ControlPanel({ room, state, quiz, actions }: ControlPanelProps) {
  const { host } = useMessages();
  const phase = state.question?.phase ?? 'idle';
  return (
    <Card title={host.controlTitle} className="host-control">
      <div className="host-now">
        <div className="host-clock">
          {room === null ? <div className="qb-ring" /> : <CountdownRing room={room} />}
        </div>
        <div className="host-question">
          {isActive(phase) && state.question !== null ? (
            <>
              <PlayedQuestion question={state.question} quiz={quiz} />
              <AnswersMeter state={state} />
            </>
          ) : (
            <NextQuestion quiz={quiz} />
          )}
        </div>
      </div>
      {state.connection === 'reconnecting' && (
        <Notice tone="warn">
          <p>{host.offline}</p>
        </Notice>
      )}
      <ControlButtons
        room={state.connection === 'joined' ? room : null}
        phase={phase}
        quiz={quiz}
        actions={actions}
      />
    </Card>
  );
}

function PlayedQuestion({ question, quiz }: { readonly question: Snapshot; readonly quiz: Quiz }) {
  const { host } = useMessages();
  const content = readContent(question.content);
  const known = quiz.questions.find(({ id }) => id === question.questionId);
  return <QuestionText label={host.nowPlaying} content={content} correct={known?.correct ?? null} />;
}

function NextQuestion({ quiz }: { readonly quiz: Quiz }) {
  const { host } = useMessages();
  const { selected, played } = quiz;
  if (selected === null) return <p className="qb-soft">{host.noQuestions}</p>;
  const isPlayed = played.includes(selected.id);
  return (
    <QuestionText
      label={isPlayed ? host.allPlayed : host.upNext}
      content={selected}
      correct={selected.correct}
    />
  );
}

function QuestionText({
  label,
  content,
  correct,
}: {
  readonly label: string;
  readonly content: QuestionContent;
  readonly correct: string | null;
}) {
  return (
    <>
      <p className="host-label">{label}</p>
      {content.text !== null && (
        <p className="host-text" data-length={content.text.length > LONG ? 'long' : undefined}>
          {content.text}
        </p>
      )}
      <ChoiceList choices={content.choices} correct={correct} />
    </>
  );
}

function AnswersMeter({ state }: { readonly state: RoomState }) {
  const { host } = useMessages();
  const count = state.answersCount ?? 0;
  const total = Math.max(count, state.presence?.players ?? 0);
  return (
    <div className="host-answers">
      <p className="qb-digits">{host.answered(count, total)}</p>
      <div className="host-bar" aria-hidden="true">
        <div style={{ transform: `scaleX(${total === 0 ? 0 : count / total})` }} />
      </div>
    </div>
  );
}

/** @param room null while nothing would reach it: a pause that arrives half a minute later is not what anybody wanted */
function ControlButtons({
  room,
  phase,
  quiz,
  actions,
}: Pick<ControlPanelProps, 'room' | 'quiz' | 'actions'> & { readonly phase: Snapshot['phase'] }) {
  const { host } = useMessages();
  const { hasShortcuts } = useSettings();
  const announce = useAnnounce();
  const { selected } = quiz;
  const main = mainCommand(phase);
  const isMainOn = room !== null && isAllowed(main, phase) && (main !== 'start' || selected !== null);
  const isExtendOn = room !== null && isAllowed('extend', phase);
  const isStopOn = room !== null && isAllowed('stop', phase);

  const start = async (inRoom: Room, question: QuizQuestion) => {
    if (await actions.run('main', () => inRoom.start(startOf(question)))) quiz.markStarted(question.id);
  };
  const doMain = () => {
    if (room === null || !isMainOn) return;
    if (main === 'pause') void actions.run('main', () => room.pause());
    else if (main === 'resume') void actions.run('main', () => room.resume());
    else if (selected !== null) void start(room, selected);
  };
  const extend = (byMs: number) => {
    if (room !== null && isExtendOn) {
      void actions.run('extend', () => room.extend(byMs), { isRepeatable: true });
    }
  };
  const stop = () => {
    if (room !== null && isStopOn) void actions.run('stop', () => room.stop());
  };
  const chooseNext = () => {
    const next = nextAfter(quiz.questions, selected?.id ?? null) ?? quiz.questions[0];
    if (next === undefined) return;
    quiz.select(next.id);
    announce(`${host.upNext}: ${next.text}`);
  };
  const act: Readonly<Record<KeyAction, () => void>> = {
    main: doMain,
    more: () => extend(STEP_MS),
    less: () => extend(-STEP_MS),
    stop,
    next: chooseNext,
  };
  useShortcuts(hasShortcuts, (action) => act[action]());
  const keyName = (name: string) => (hasShortcuts ? { keyName: name } : {});

  return (
    <div className="host-commands">
      <Button
        className="host-main-button"
        variant="primary"
        size="large"
        icon={main === 'pause' ? <PauseIcon /> : <PlayIcon />}
        {...keyName(host.keySpace)}
        isOff={!isMainOn}
        isBusy={actions.pending.has('main')}
        onClick={doMain}
      >
        {main === 'start' ? host.start : host[main]}
      </Button>
      <Button
        size="large"
        aria-label={`${host.less}, ${host.lessLabel}`}
        {...keyName('−')}
        isOff={!isExtendOn}
        onClick={() => extend(-STEP_MS)}
      >
        {host.less}
      </Button>
      <Button
        size="large"
        aria-label={`${host.more}, ${host.moreLabel}`}
        {...keyName('+')}
        isOff={!isExtendOn}
        onClick={() => extend(STEP_MS)}
      >
        {host.more}
      </Button>
      <Button
        size="large"
        icon={<StopIcon />}
        {...keyName('S')}
        isOff={!isStopOn}
        isBusy={actions.pending.has('stop')}
        onClick={stop}
      >
        {host.stop}
      </Button>
    </div>
  );
}
