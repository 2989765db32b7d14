#!/usr/bin/env python3
"""Checks an evidence packet offline: python3 verify.py [PATH]

Needs Python 3.8 and nothing else; uses openssl, if installed, to check the signature. Checks the
folder that it lies in, or the folder or ZIP at PATH. Exits with 0 if everything is right, else 1.

It is one long file on purpose: an auditor gets it inside the archive and runs it alone. It imports
nothing of the system that made the packet, so that it doesn't share that system's mistakes.
"""

import bisect
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

GENESIS = "00" * 32


class Packet:
    """The files of a folder or a ZIP."""

    def __init__(self, path):
        self._zip = None if os.path.isdir(path) else zipfile.ZipFile(path)
        self._path = path

    def names(self):
        if self._zip:
            return sorted(self._zip.namelist())
        return sorted(name for name in os.listdir(self._path) if not name.startswith("."))

    def read(self, name):
        if self._zip:
            return self._zip.read(name)
        with open(os.path.join(self._path, name), "rb") as file:
            return file.read()

    def lines(self, name):
        if self._zip:
            with self._zip.open(name) as file:
                yield from file
        else:
            with open(os.path.join(self._path, name), "rb") as file:
                yield from file

    def digest(self, name):
        found = hashlib.sha256()
        for line in self.lines(name):
            found.update(line)
        return found.hexdigest()


class Verdict:
    """Prints what is right and what is wrong as it is found, and counts the problems."""

    def __init__(self):
        self.problems = 0
        self.reservations = []

    def good(self, text):
        say("  ok       " + text)

    def bad(self, text):
        self.problems += 1
        # A file may have been changed in many places: the first problems are enough.
        if self.problems <= 50:
            say("  PROBLEM  " + text)

    def note(self, text):
        say("  note     " + text)

    def reserve(self, text):
        """Notes something that this program has to take on trust."""
        self.reservations.append(text)
        self.note(text)

    def check(self, holds, text, otherwise):
        if holds:
            self.good(text)
        else:
            self.bad(otherwise)

    def conclude(self):
        """Prints the last lines; returns the exit code."""
        if self.problems:
            say(f"NOT VERIFIED: {self.problems} problems")
            return 1
        if not self.reservations:
            say("VERIFIED: the evidence is whole, and it bears the certificate out.")
            return 0
        say("VERIFIED: the evidence bears the certificate out, with these reservations:")
        for number, text in enumerate(self.reservations, 1):
            say(f"  {number}. {text}")
        return 0


def say(text):
    """Prints one line. Titles and file names may contain control characters: they are escaped."""
    print("".join(each if each.isprintable() else repr(each)[1:-1] for each in text))


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def read_json(packet, name, verdict):
    """Reads a file of canonical JSON; returns None and records a problem if that fails."""
    try:
        raw = packet.read(name)
        value = json.loads(raw)
    except (KeyError, OSError, ValueError, zipfile.BadZipFile) as error:
        verdict.bad(f"{name} can't be read: {error}")
        return None
    if canonical(value) != raw:
        verdict.bad(f"{name} was edited: it isn't spelled as it was written")
    if not isinstance(value, (dict, list)):
        verdict.bad(f"{name} says nothing")
        return None
    return value


# --- Files ---------------------------------------------------------------------------------------
def check_files(packet, listed, verdict, where):
    for name, expected in sorted(listed.items()):
        try:
            found = packet.digest(name)
        except (KeyError, OSError, zipfile.BadZipFile) as error:
            verdict.bad(f"{name} can't be read: {error}")
            continue
        if found != expected:
            verdict.bad(f"{name} was changed: its SHA-256 isn't the one in {where}")


def check_names(packet, listed, verdict):
    names = packet.names()
    for name in sorted(set(names)):
        if name not in listed and name != "packet.json":
            # Such as the archive itself, in the folder where it was unpacked.
            verdict.note(f"{name} doesn't belong to the packet; it was not looked at")
        if names.count(name) > 1:
            verdict.bad(f"{name} is in the archive more than once")


def check_pdf(packet, number, verdict):
    """Checks that the PDF is this certificate's: its metadata, uncompressed, has the number."""
    if "certificate.pdf" not in packet.names():
        verdict.note("certificate.pdf was still being prepared")
        return
    verdict.check(
        number.encode() in packet.read("certificate.pdf"),
        "certificate.pdf names this certificate (a PDF reader, or pdfsig, checks its signature)",
        "certificate.pdf is another certificate's",
    )


def check_signature(packet, verdict):
    openssl = shutil.which("openssl")
    if openssl is None:
        verdict.reserve("openssl isn't installed: the issuer's signature was not checked")
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in ("manifest.json", "manifest.json.p7s"):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(packet.read(name))
        # -noverify: the reader decides whether to trust the issuer (README.txt).
        command = [openssl, "cms", "-verify", "-binary", "-inform", "PEM", "-noverify"]
        command += ["-in", "manifest.json.p7s", "-content", "manifest.json"]
        command += ["-out", os.devnull, "-signer", "signer.pem"]
        done = subprocess.run(command, cwd=folder, capture_output=True)
        if done.returncode:
            verdict.bad("manifest.json isn't what the issuer signed")
            return
        shows = [openssl, "x509", "-in", "signer.pem", "-noout", "-subject", "-fingerprint"]
        shows += ["-sha256"]
        signer = subprocess.run(shows, cwd=folder, capture_output=True).stdout.decode(
            errors="replace"
        )
    verdict.good("manifest.json is signed; " + "; ".join(signer.split("\n")).strip("; "))


# --- The chain of events -------------------------------------------------------------------------
class Totals:
    """What the events add up to, to compare with what the packet claims."""

    def __init__(self):
        self.covered = {}  # content: milliseconds newly covered
        self.shown = {}  # (content, unit): the spans that were played or in view
        self.confirmed = set()  # contents that the learner marked as complete
        self.reported = {}  # content: the highest percentage reported, in basis points
        self.downloads = {}
        self.answers = {}  # (content, attempt): {question: (revision, choices)}
        self.drawn = {}  # (content, attempt): the questions that it asks
        self.scores = {}  # (content, attempt)
        self.active = {}  # session: milliseconds
        self.count = 0

    def add(self, record):
        self.count += 1
        earned, session = record.get("earned", {}), record.get("session")
        self.active[session] = self.active.get(session, 0) + earned.get("credited_ms", 0)
        event = record.get("event")
        if record.get("status") != "accepted" or not isinstance(event, dict):
            return
        content = event.get("content_id")
        self.covered[content] = self.covered.get(content, 0) + earned.get("covered_ms", 0)
        for unit, stretches in shown(event):
            self.shown.setdefault((content, unit), []).extend(stretches)
        if event.get("interaction_type") == "complete":
            self.confirmed.add(content)
        self.reported[content] = max(self.reported.get(content, 0), event.get("completion_bp", 0))
        if event.get("interaction_type") == "download":
            self.downloads[content] = self.downloads.get(content, 0) + 1
        self.add_quiz(event, content, record.get("quiz", {}))

    def add_quiz(self, event, content, quiz):
        attempt = (content, quiz.get("attempt"))
        if "questions" in quiz:
            self.drawn[attempt] = quiz["questions"]
        if quiz.get("is_late"):
            return  # Given after the time limit: kept, and not counted.
        if event.get("interaction_type") == "answer":
            answers = self.answers.setdefault(attempt, {})
            answers[event.get("question_id")] = (quiz.get("revision"), event.get("answer"))
        elif event.get("interaction_type") == "submit" and "score" in quiz:
            self.scores[attempt] = round(quiz["score"] * 100)


def shown(event):
    """Yields the spans that an event says were played or in view, by unit."""
    yield "milliseconds", played(event)
    if event.get("page"):
        yield "pages", [(event["page"] - 1, event["page"])]
    if event.get("span_ppm"):
        start, end = event["span_ppm"]
        yield "thousandths", [(start // 1000, -(-end // 1000))]


def played(event):
    """Returns the spans of media that an event says were played, in milliseconds."""
    if event.get("segments") is not None:
        return [tuple(each) for each in event["segments"] if each[0] < each[1]]
    position = event.get("position_ms")
    if event.get("interaction_type") != "progress" or position is None:
        return []
    duration = event.get("duration_ms", 0) if event.get("is_active", True) else 0
    start = max(position - duration * event.get("rate_milli", 1000) // 1000, 0)
    return [(start, position)] if start < position else []


def check_chain(packet, manifest, owner, verdict):
    """Walks the chain; returns the totals of its events."""
    chain, totals, before = manifest["chain"], Totals(), verdict.problems
    resumes = {after: first for first, after in chain["missing"]}
    head, expected, last = GENESIS, 0, (chain["certified_length"] or 0) - 1
    for number, line in enumerate(packet.lines("events.jsonl"), 1):
        try:
            entry = json.loads(line)
            index, stated, record = entry["index"], entry["hash"], json.loads(entry["record"])
        except (ValueError, KeyError, TypeError) as error:
            verdict.bad(f"line {number} of events.jsonl can't be read: {error}")
            continue
        if resumes.get(index, index) == expected and index in resumes:
            head, expected = None, index
        if index != expected:
            verdict.bad(f"event {index} is where event {expected} should be")
        check_record(record, index, owner, verdict)
        if head is not None:  # Otherwise the event before is gone, and this hash is trusted.
            linked = hashlib.sha256(bytes.fromhex(head) + entry["record"].encode()).hexdigest()
            if linked != stated:
                verdict.bad(f"event {index} doesn't follow from the one before it, or was changed")
        if index == last and stated != chain["certified_head"]:
            verdict.bad(f"the certificate names another event {index}")
        head, expected = stated, index + 1
        totals.add(record)
    check_end(chain, head, expected, verdict)
    if verdict.problems == before:
        verdict.good(f"{totals.count} events, each following from the one before it")
        later = chain["length"] - 1 - last
        if chain["certified_length"] and later:
            verdict.note(f"{later} of them came after the certificate")
    return totals


def check_record(record, index, owner, verdict):
    if record.get("index") != index:
        says = record.get("index")
        verdict.bad(f"event {index} says of itself that it is event {says}")
    stated = {name: record.get(name) for name in ("enrollment", "user", "course")}
    if stated != owner:
        verdict.bad(f"event {index} isn't this learner's, in this course")


def check_end(chain, head, expected, verdict):
    length, missing = chain["length"], chain["missing"]
    if missing and missing[-1] == [expected, length]:
        return  # The last events are gone, and their hashes with them.
    if expected != length or head != chain["head"]:
        verdict.bad(
            f"the chain ends at event {expected - 1}, not at the sealed end (event {length - 1})"
        )
    if chain["certified_length"] and chain["certified_length"] > length:
        verdict.bad(f"the certificate names event {chain['certified_length'] - 1}: it isn't here")


def check_missing(manifest, verdict):
    missing, archives = manifest["chain"]["missing"], manifest["earlier_events"]
    if not missing:
        return
    ranges = ", ".join(f"{first} to {after - 1}" for first, after in missing)
    if not archives:
        verdict.bad(f"events {ranges} are missing, and no archive is named that would have them")
        return
    rest = "no event is left to verify"
    if missing[-1][1] < manifest["chain"]["length"]:
        rest = f"verified from event {missing[-1][1]} on"
    elif missing[-1][0] > missing[0][1] or missing[0][0]:
        rest = "verified but for these"
    verdict.reserve(f"{rest}: events {ranges} were moved to the archive before (manifest.json)")


# --- What was learned ----------------------------------------------------------------------------
def union(spans):
    merged = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def clip(spans, extent):
    return [[start, min(end, extent)] for start, end in spans if 0 <= start < min(end, extent)]


def length(spans):
    return sum(end - start for start, end in spans)


def is_within(inner, outer):
    """Whether every span of `inner` is inside one of `outer`. Both are unions."""
    starts = [start for start, _ in outer]
    found = [(bisect.bisect_right(starts, start) - 1, end) for start, end in inner]
    return all(index >= 0 and end <= outer[index][1] for index, end in found)


def check_contents(contents, rules, totals, is_whole, verdict):
    by_id = {content["content_id"]: content for content in contents}
    for rule in rules["contents"]:
        if "waived" in rule:
            rule = check_waived(rule, verdict)
        if rule is not None:
            check_content(by_id.get(rule["content_id"]), rule, totals, is_whole, verdict)


def check_waived(rule, verdict):
    """Returns the rule of what was done instead; None and a problem if that proves nothing."""
    waived = rule["waived"]
    by, title = waived["by"], "“{}”".format(rule["title"])
    is_test = waived["reason"] == "pre_test"
    if by["content_id"] == rule["content_id"] or "waived" in by:
        verdict.bad(f"{title}: waived by what wasn't done")
        return None
    if is_test and (by["content_type"] != "quiz" or not by["needed_bp"]):
        verdict.bad(f"{title}: waived by a pre-test that can't be passed")
        return None
    why = "the pre-test “{}” was passed" if is_test else "“{}” was completed instead"
    verdict.reserve(f"{title}: WAIVED, not learned here, as {why.format(by['title'])}")
    return by


def check_content(content, rule, totals, is_whole, verdict):
    title = "“{}”".format(rule["title"])
    if content is None:
        verdict.bad(f"{title} was required, and contents.json doesn't have it")
    elif rule["content_type"] == "quiz":
        check_quiz(content, rule, title, verdict)
    elif content["completes_on_download"] and content["downloads"]:
        verdict.good(f"{title}: downloaded, which completes it")
        if is_whole and not totals.downloads.get(rule["content_id"]):
            verdict.bad(f"{title}: no event reports that it was downloaded")
    elif rule.get("view_seconds"):
        check_viewed(content, rule, title, verdict)
    elif rule["completion_source"] == "reported":
        check_reported(content, rule, title, totals, is_whole, verdict)
    else:
        check_measured(content, rule, title, totals, is_whole, verdict)


def check_quiz(content, rule, title, verdict):
    best, needed = content["best_score_bp"], rule["needed_bp"]
    result = f"{(best or 0) / 100:g} %, {needed / 100:g} % needed" if needed else "submitted"
    if best is not None and best < needed and content["completed_at"]:
        day = content["completed_at"][:10]
        verdict.reserve(f"{title}: {result}; counted as passed on {day}, before a correction")
        return
    is_enough = best is not None and best >= needed
    verdict.check(is_enough, f"{title}: {result}", f"{title}: only {result}")


def check_viewed(content, rule, title, verdict):
    spent, needed = content["time_ms"], rule["view_seconds"]
    text = f"{title}: SELF-REPORTED, by {spent / 1000:g} s in view, {needed:g} s needed"
    if spent >= needed * 1000:
        verdict.reserve(text)
    else:
        fall_short(content, text, verdict)


def check_reported(content, rule, title, totals, is_whole, verdict):
    reached, needed = content["reported_bp"], rule["needed_bp"]
    source = "SELF-REPORTED"
    if rule.get("completes_on") == "score":
        source = "REPORTED BY THE EMBEDDED PAGE"
    text = f"{title}: {source} as {reached / 100:g} %, not measured"
    if reached >= needed:
        verdict.reserve(text)
    else:
        fall_short(content, f"{text}, {needed / 100:g} % needed", verdict)
    is_confirmed = rule.get("completes_on") == "confirmation"
    if is_confirmed and rule["content_id"] in totals.confirmed:
        return
    if is_whole and reached > totals.reported.get(rule["content_id"], 0):
        verdict.bad(f"{title}: no event reported {reached / 100:g} %")


def check_measured(content, rule, title, totals, is_whole, verdict):
    # The extent at the issue: the author may have changed it since.
    extent, needed = rule["extent"] or 0, rule["needed_bp"]
    covered = union(content["covered"])
    share = 10000 * length(clip(covered, extent)) // extent if extent else 0
    text = f"{title}: {share / 100:.2f} % of {extent} {content['unit']} covered"
    text += f", {needed / 100:g} % needed"
    if share >= needed and content["media_version"] == rule["media_version"]:
        verdict.good(text)
    else:
        fall_short(content, text, verdict)
    if not is_whole:
        return
    identity, earned = rule["content_id"], totals.covered.get(rule["content_id"], 0)
    if not is_within(covered, union(totals.shown.get((identity, content["unit"]), []))):
        verdict.bad(f"{title}: parts are claimed that no event says were played or in view")
    if content["unit"] == "milliseconds" and (
        # A replaced medium begins again, but the events also have what the old one earned.
        length(covered) > earned if content["media_version"] > 1 else length(covered) != earned
    ):
        verdict.bad(f"{title}: its events earned {earned} ms, but {length(covered)} ms are claimed")


def fall_short(content, text, verdict):
    """A completion stays valid when the author asks for more later: that is a reservation."""
    if content["completed_at"]:
        day = content["completed_at"][:10]
        verdict.reserve(f"{text}; counted as complete on {day}, by the rules of that day")
    else:
        verdict.bad(f"{text}: it falls short")


def check_attempts(attempts, contents, totals, is_whole, verdict):
    best = {}
    for attempt in attempts:
        name = f"attempt {attempt['number']} at content {attempt['content_id']}"
        key = (attempt["content_id"], attempt["number"])
        answers = {each["question_id"]: each for each in attempt["answers"]}
        claimed = {pk: (each["revision"], each["chosen_ids"]) for pk, each in answers.items()}
        if is_whole and claimed != totals.answers.get(key, {}):
            verdict.bad(f"{name}: other answers are claimed than the events say")
        check_drawn(attempt, answers, name, totals.drawn.get(key) if is_whole else None, verdict)
        if attempt["submitted_at"] is None:
            continue
        check_attempt_score(attempt, name, totals.scores.get(key), is_whole, verdict)
        if attempt["answers"]:  # An attempt without any has no score that counts.
            best[key[0]] = max(best.get(key[0], 0), attempt["score_bp"])
    for content, number in sorted(set(totals.scores) - {key_of(each) for each in attempts}):
        verdict.bad(
            f"attempt {number} at content {content} was submitted, and isn't in attempts.json"
        )
    for content in contents:
        counts = content["best_score_bp"] if content["content_type"] == "quiz" else None
        if counts is not None and best.get(content["content_id"]) != counts:
            verdict.bad("“{}”: no attempt has the score that counts".format(content["title"]))


def check_attempt_score(attempt, name, reported, is_whole, verdict):
    """`reported` is the score with which an event says that it was submitted."""
    first = attempt["score_bp"]
    if attempt["regrades"]:
        first = attempt["regrades"][0]["score_before_bp"]
        verdict.note("{} was rescored: {}".format(name, attempt["regrades"][-1]["reason"]))
    if attempt.get("was_timed_out"):
        verdict.note(f"{name} was submitted by the server when its time was over")
    if is_whole and reported != first:
        verdict.bad(f"{name}: submitted with {reported}, claimed are {first}")
    if 10000 * attempt["right"] // (attempt["questions"] or 1) != attempt["score_bp"]:
        verdict.bad(f"{name}: its score isn't its share of right answers")


def check_drawn(attempt, answers, name, reported, verdict):
    """`reported` is what the events say that was drawn, if they are all here."""
    drawn = attempt.get("drawn")
    if reported is not None and reported != drawn:
        verdict.bad(f"{name}: other questions are claimed than its events say were drawn")
    if drawn is None:
        return
    if not set(answers) <= set(drawn):
        verdict.bad(f"{name}: it has answers to questions that weren't drawn for it")
    if attempt["submitted_at"] and attempt["questions"] > len(drawn):
        verdict.bad(f"{name}: it counts more questions than were drawn for it")


def key_of(attempt):
    return attempt["content_id"], attempt["number"]


def check_sessions(sessions, certificate, totals, is_whole, verdict):
    active_ms = {session["session_id"]: session["active_ms"] for session in sessions}
    for session in sorted(map(str, set(totals.active) - set(active_ms))):
        verdict.bad(f"events name session {session}, which isn't in sessions.json")
    for session, active in sorted(active_ms.items()):
        earned = totals.active.get(session, 0)
        if is_whole and active != earned:
            verdict.bad(f"session {session}: {active} ms active, but its events earned {earned}")
    # Time on two devices at once counts once.
    verdict.check(
        certificate["time_ms"] <= sum(active_ms.values()),
        f"{certificate['time_ms']} ms of active time, in {len(active_ms)} sessions",
        f"{certificate['time_ms']} ms of active time are certified, the sessions have less",
    )


def check_score(certificate, contents, rules, attempts, verdict):
    best = {content["content_id"]: content["best_score_bp"] for content in contents}
    scored = [each for each in rules["contents"] if each["content_type"] == "quiz"]
    scored = [(each["weight"], best.get(each["content_id"])) for each in scored]
    whole = sum(weight for weight, score in scored if score is not None)
    earned = sum(weight * score for weight, score in scored if score is not None)
    score = round(earned / whole) if whole else None
    if score == certificate["score_bp"]:
        return
    text = f"the certified score is {certificate['score_bp']}, the attempts make {score}"
    if any(attempt["regrades"] for attempt in attempts):
        verdict.reserve(f"{text} since they were rescored")
    else:
        verdict.bad(text)


# --- All of it -----------------------------------------------------------------------------------
def main(path):
    verdict = Verdict()
    try:
        check(Packet(path), verdict)
    except Exception as error:
        # A file that was tampered with may have any shape, and fail in any way.
        verdict.bad(f"the packet can't be understood: {error!r}")
    return verdict.conclude()


def check(packet, verdict):
    names = ["packet.json", "manifest.json", "certificate.json", "rules.json", "contents.json"]
    names += ["attempts.json", "sessions.json"]
    documents = [read_json(packet, name, verdict) for name in names]
    if None in documents[:2]:
        return
    listed, manifest = documents[:2]
    number = manifest["certificate"]
    say(f"Certificate {number}, sealed {manifest['sealed_at']}")
    seal = packet.digest("manifest.json")
    say(f"Seal {seal}: the page that verifies the certificate's code shows it too")
    check_names(packet, listed["files"], verdict)
    check_files(packet, listed["files"], verdict, "packet.json")
    check_files(packet, manifest["files"], verdict, "manifest.json")
    if not verdict.problems:
        verdict.good(f"{len(listed['files'])} files are as they were listed")
    check_signature(packet, verdict)
    check_pdf(packet, number, verdict)
    if None not in documents:
        check_learning(packet, manifest, documents[2:], verdict)


def check_learning(packet, manifest, documents, verdict):
    certificate, rules, contents, attempts, sessions = documents
    if certificate["number"] != manifest["certificate"]:
        verdict.bad("certificate.json is another certificate's")
    owner = {name: certificate[f"{name}_id"] for name in ("enrollment", "user", "course")}
    totals = check_chain(packet, manifest, owner, verdict)
    check_missing(manifest, verdict)
    is_whole = not manifest["chain"]["missing"]
    check_contents(contents, rules, totals, is_whole, verdict)
    check_attempts(attempts, contents, totals, is_whole, verdict)
    check_sessions(sessions, certificate, totals, is_whole, verdict)
    check_score(certificate, contents, rules, attempts, verdict)


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    # Characters that the terminal can't show are escaped.
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else here))
