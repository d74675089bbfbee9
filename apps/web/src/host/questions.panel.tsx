import { useState } from 'react';
import type { Snapshot } from '#libs/client';
import { useMessages } from '../i18n/use.messages.js';
import { CheckIcon, DownIcon, PencilIcon, PlayIcon, PlusIcon, TrashIcon, UpIcon } from '../ui/icons.js';
import { Button, Card, useToast } from '../ui/index.js';
import { isActive } from './command.table.js';
import { QuestionForm } from './question.form.js';
import { newQuestion, type QuizQuestion } from './question.list.js';
import type { Quiz } from './use.quiz.js';

function newId(): string {
  // Not `randomUUID`, which pages over plain HTTP do not have.
  const random = crypto.getRandomValues(new Uint32Array(2));
  return `q-${Array.from(random, (part) => part.toString(36)).join('')}`;
}

/** The prepared questions: to choose the next one, and to edit them. */
export function QuestionsPanel({
  quiz,
  phase,
  playing,
}: {
  readonly quiz: Quiz;
  readonly phase: Snapshot['phase'];
  /** Of the room's question, which may be none of these; null for none. */
  readonly playing: string | null;
}) {
  const { host } = useMessages();
  const toast = useToast();
  const [edited, setEdited] = useState<{ readonly question: QuizQuestion; readonly isNew: boolean } | null>(
    null,
  );
  const { questions } = quiz;
  const remove = (question: QuizQuestion) => {
    quiz.remove(question.id);
    toast({ text: host.removed, action: { label: host.undo, run: () => quiz.restore(questions) } });
  };
  return (
    <Card
      title={host.questionsTitle}
      aside={
        <Button
          icon={<PlusIcon />}
          onClick={() => setEdited({ question: newQuestion(newId()), isNew: true })}
        >
          {host.addQuestion}
        </Button>
      }
    >
      {questions.length === 0 && (
        <div className="qb-row">
          <p className="qb-soft">{host.noQuestions}</p>
          <Button onClick={() => quiz.addSamples()}>{host.restoreSamples}</Button>
        </div>
      )}
      <ol className="host-questions">
        {questions.map((question, place) => (
          <QuestionRow
            key={question.id}
            question={question}
            quiz={quiz}
            isPlaying={isActive(phase) && question.id === playing}
            isFirst={place === 0}
            isLast={place === questions.length - 1}
            onEdit={() => setEdited({ question, isNew: false })}
            onRemove={() => remove(question)}
          />
        ))}
      </ol>
      {edited !== null && (
        <QuestionForm
          question={edited.question}
          isNew={edited.isNew}
          onClose={() => setEdited(null)}
          onSave={(question) => {
            quiz.save(question);
            setEdited(null);
          }}
        />
      )}
    </Card>
  );
}

interface QuestionRowProps {
  readonly question: QuizQuestion;
  readonly quiz: Quiz;
  readonly isPlaying: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
}

function QuestionRow({ question, quiz, isPlaying, isFirst, isLast, onEdit, onRemove }: QuestionRowProps) {
  const { host } = useMessages();
  const { id, text, choices, seconds } = question;
  const isSelected = quiz.selected?.id === id;
  const isPlayed = quiz.played.includes(id);
  const icon = { variant: 'quiet', size: 'icon' } as const;
  return (
    <li data-selected={isSelected} data-playing={isPlaying}>
      <button type="button" className="host-choose" aria-pressed={isSelected} onClick={() => quiz.select(id)}>
        <span className="host-choose-text">{text}</span>
        <span className="host-choose-facts">
          {host.facts(seconds, choices.length)}
          {isPlaying && (
            <span className="host-tag" data-tone="good">
              <PlayIcon />
              {host.nowPlaying}
            </span>
          )}
          {!isPlaying && isPlayed && (
            <span className="host-tag">
              <CheckIcon />
              {host.played}
            </span>
          )}
          {isSelected && !isPlaying && (
            <span className="host-tag" data-tone="warn">
              <PlayIcon />
              {host.selected}
            </span>
          )}
        </span>
      </button>
      <div className="host-row-buttons">
        <Button
          {...icon}
          icon={<UpIcon />}
          aria-label={host.upOf(text)}
          isOff={isFirst}
          onClick={() => quiz.move(id, -1)}
        />
        <Button
          {...icon}
          icon={<DownIcon />}
          aria-label={host.downOf(text)}
          isOff={isLast}
          onClick={() => quiz.move(id, 1)}
        />
        <Button {...icon} icon={<PencilIcon />} aria-label={host.editOf(text)} onClick={onEdit} />
        <Button {...icon} icon={<TrashIcon />} aria-label={host.removeOf(text)} onClick={onRemove} />
      </div>
    </li>
  );
}
