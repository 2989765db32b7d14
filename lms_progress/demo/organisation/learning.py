"""How a simulated learner takes a course: the events that a tracker would send, second by second.

Only the events are made up here. What they earn, and what is complete, is decided by the
real rules (`progress.ingest.bulk`), and the learner continues from there.
"""

import math
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from progress.ingest.bulk import Passage
from progress.ingest.events import Event
from progress.ingest.working_set import WorkingSet
from progress.models import LearningSession
from progress.rules.coverage import Spans, gaps
from progress.state.structure import ContentSpec, Structure

from .courses import Hard, Subject, difficulty, hard
from .people import Learner, Sitting

BEAT_MS = 15_000
MAX_BATCH = 4  # events
MAX_TRIES = 4
LOOKS_UP = 0.6  # the share of later tries before which the film is watched again


@dataclass
class Attendance:
    """One learner taking one course."""

    learner: Learner
    subject: Subject
    passage: Passage
    structure: Structure
    dice: Random
    _positions: dict[int, int] = field(default_factory=dict)
    _skipped: set[int] = field(default_factory=set)
    _replayed: set[int] = field(default_factory=set)  # after the hard passage
    _found_hard: set[str] = field(default_factory=set)  # codes of films that they rewound
    _tries: dict[int, int] = field(default_factory=dict)
    _session: LearningSession | None = None
    _sequence: int = 0
    _now: int = 0
    _until: int = 0
    _events: list[Event] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self._next() is None

    def sit(self, sitting: Sitting) -> None:
        """Learn until the sitting ends, or until nothing is left."""
        self._now, self._until = sitting.starts_ms, sitting.starts_ms + sitting.lasts_ms
        self._session = self.passage.start(_moment(self._now), self._uuid(), "simulated")
        self._sequence = 0
        while self._now < self._until and (content := self._next()) is not None:
            self._study(content)
        self._deliver()
        # Some close the window without an end: such a session ends at its last event.
        said = self.dice.random() < 0.8
        self._now += self.dice.randint(1, 20) * 1000 if said else 86_400_000
        self.passage.end(self._session, _moment(self._now))

    # --- What comes next ---------------------------------------------------------------------
    def _next(self) -> ContentSpec | None:
        for module in self.structure.modules:
            for content in module.contents:
                if not self._is_done(content):
                    return content
        return None

    def _is_done(self, content: ContentSpec) -> bool:
        if content.id in self._skipped or self._tries.get(content.id, 0) >= MAX_TRIES:
            return True
        row = self.passage.contents.get(content.id)
        return row is not None and row.completed_at is not None

    def _study(self, content: ContentSpec) -> None:
        if not content.required and content.id not in self._positions and self.dice.random() < 0.8:
            self._skipped.add(content.id)
            return
        self._record(content, "view", 1000)
        if content.is_media:
            self._watch(content)
        elif content.is_paged:
            self._read(content)
        else:
            self._answer(content)

    # --- Films and talks ---------------------------------------------------------------------
    def _watch(self, content: ContentSpec) -> None:
        position = self._positions.get(content.id, 0) or self._first_missing(content)
        end, difficult = content.duration_ms or 0, self._hard(content)
        self._record(content, "play", 0, position_ms=position)
        while position < end and self._now < self._until:
            position = self._beat(content, position, end)
            if difficult and difficult.from_ms < position and position >= difficult.to_ms:
                position = self._maybe_again(content, position, difficult)
            elif self.dice.random() < self.learner.skips:
                position = self._seek(
                    content, position, min(position + self.dice.randint(10, 60) * 1000, end)
                )
        self._positions[content.id] = position if position < end else 0
        self._record(content, "pause" if position < end else "complete", 0, position_ms=position)

    def _beat(self, content: ContentSpec, position: int, end: int) -> int:
        """Play on for up to a beat of the tracker."""
        rate = self.learner.rate_milli
        lasts = min(BEAT_MS, (end - position) * 1000 // rate + 1)
        target = min(position + lasts * rate // 1000, end)
        away = int(self.dice.random() < self.learner.distracted / 4)
        self._record(
            content,
            "progress",
            lasts,
            position_ms=target,
            segments=((position, target),),
            rate_milli=rate,
            distractions=away,
        )
        if self.dice.random() < 0.02:
            self._record(content, "pause", 0, position_ms=target)
            self._record(
                content, "play", 0, idle_ms=self.dice.randint(5, 90) * 1000, position_ms=target
            )
        return target

    def _maybe_again(self, content: ContentSpec, position: int, difficult: Hard) -> int:
        """At the end of the hard passage some learners go back to its beginning."""
        if content.id in self._replayed:
            return position
        self._replayed.add(content.id)
        if self.dice.random() >= self.learner.replays:
            return position
        self._found_hard.add(content.code)
        return self._seek(content, position, difficult.from_ms)

    def _seek(self, content: ContentSpec, position: int, target: int) -> int:
        self._record(content, "seek", 500, from_position_ms=position, position_ms=target)
        return target

    def _hard(self, content: ContentSpec) -> Hard | None:
        kind, _, chapter = content.code.partition("-")
        if kind != "film" or not chapter.endswith("a"):
            return None
        return hard(self.subject, int(chapter[:-1]))

    # --- Papers ------------------------------------------------------------------------------
    def _read(self, content: ContentSpec) -> None:
        for start, end in self._missing(content):
            for page in range(start + 1, end + 1):
                if self._now >= self._until:
                    return
                skims = self.dice.random() < self.learner.skips
                dwell = 1_000 if skims else self.dice.randint(6, 45) * 1000
                self._record(content, "progress", dwell, page=page)

    def _missing(self, content: ContentSpec) -> Spans:
        """The parts that are missing, which the course's page links to."""
        row = self.passage.contents.get(content.id)
        return gaps(row.coverage if row else (), 0, content.extent or 0)

    def _first_missing(self, content: ContentSpec) -> int:
        missing = self._missing(content)
        return missing[0][0] if missing else 0

    # --- Quizzes -----------------------------------------------------------------------------
    def _answer(self, content: ContentSpec) -> None:
        chapter = int(content.code.partition("-")[2])
        tries = self._tries.get(content.id, 0)
        if tries and self.dice.random() < LOOKS_UP:
            self._look_up(chapter)
        for index, question in enumerate(content.questions):
            level = difficulty(self.subject, chapter, index)
            if tries == 0 and self._is_lost(chapter, index):
                level += 1.5
            chance = 1 / (1 + math.exp(level - self.learner.ability - 0.7 * tries))
            is_right = self.dice.random() < chance
            wrong = sorted(question.choices - question.correct)
            chosen = tuple(sorted(question.correct)) if is_right else (self.dice.choice(wrong),)
            lasts = int(min(self.dice.lognormvariate(2.7 + 0.2 * level, 0.5), 110) * 1000)
            self._record(content, "answer", lasts, question_id=question.id, answer=chosen)
        self._record(content, "submit", 2000)
        self._deliver()
        self._tries[content.id] = tries + 1
        # After a failed try they often take a break.
        if not self._is_done(content) and self.dice.random() < 0.4:
            self._until = self._now

    def _look_up(self, chapter: int) -> None:
        """Back to the chapter's hard passage, before another try."""
        [film] = [
            content
            for module in self.structure.modules
            for content in module.contents
            if content.code == f"film-{chapter}a"
        ]
        passage = hard(self.subject, chapter)
        position = passage.from_ms
        self._record(film, "play", 0, position_ms=position)
        while position < passage.to_ms:
            position = self._beat(film, position, passage.to_ms)
        self._record(film, "pause", 0, position_ms=position)

    def _is_lost(self, chapter: int, index: int) -> bool:
        question = hard(self.subject, chapter).question
        return question == index and f"film-{chapter}a" in self._found_hard

    # --- What the tracker sends --------------------------------------------------------------
    def _record(self, content: ContentSpec, kind: str, lasts_ms: int, **fields) -> None:
        self._now += max(lasts_ms + fields.get("idle_ms", 0), 20)
        self._sequence += 1
        event = Event(
            content_id=content.id,
            interaction_type=kind,
            duration_ms=lasts_ms,
            event_id=self._uuid(),
            sequence=self._sequence,
            occurred_ms=self._now,
            **fields,
        )
        self._events.append(event)
        if len(self._events) >= MAX_BATCH:
            self._deliver()

    def _deliver(self) -> None:
        if self._events:
            assert self._session is not None
            self._now += 40  # the way to the server
            self.passage.deliver(self._session, self._events, _moment(self._now))
            self._events = []

    def _uuid(self) -> UUID:
        return UUID(int=self.dice.getrandbits(128), version=4)


_moment = WorkingSet.moment
