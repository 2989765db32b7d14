#!/usr/bin/env python3
"""Check an evidence packet offline: python3 verify.py

Needs Python 3.8 and nothing else; openssl as well, if it is there, for the signature. Checks the
folder (or the ZIP) that it lies in, or the one that is named: python3 verify.py PATH

Exits with 0 when everything holds, with 1 when something doesn't.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

GENESIS = "00" * 32
LISTED_SEPARATELY = {"packet.json"}


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
    """What holds and what doesn't, told as it is found."""

    def __init__(self):
        self.problems = []

    def good(self, text):
        print("  ok       " + text)

    def bad(self, text):
        self.problems.append(text)
        # A file may have been tampered with all over: the first few say it.
        if len(self.problems) <= 50:
            print("  PROBLEM  " + text)

    def note(self, text):
        print("  note     " + text)

    def check(self, holds, text, otherwise):
        if holds:
            self.good(text)
        else:
            self.bad(otherwise)


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def read_json(packet, name, verdict):
    """A JSON file in its one spelling; None, and a problem, when it isn't."""
    try:
        raw = packet.read(name)
        value = json.loads(raw)
    except (KeyError, OSError, ValueError, zipfile.BadZipFile) as error:
        verdict.bad(f"{name} can't be read: {error}")
        return None
    if canonical(value) != raw:
        verdict.bad(f"{name} was edited: it isn't spelled as it was written")
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
    for name in packet.names():
        if where == "packet.json" and name not in listed and name not in LISTED_SEPARATELY:
            # Such as the archive itself, unpacked beside it.
            verdict.note(f"{name} doesn't belong to the packet; it was not looked at")


def check_signature(packet, verdict):
    openssl = shutil.which("openssl")
    if openssl is None:
        verdict.note("openssl isn't installed: the issuer's signature was not checked")
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in ("manifest.json", "manifest.json.p7s"):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(packet.read(name))
        # -noverify: whether the issuer is to be trusted is for the reader to decide (README.txt).
        asked = [openssl, "cms", "-verify", "-binary", "-inform", "PEM", "-noverify"]
        asked += ["-in", "manifest.json.p7s", "-content", "manifest.json"]
        asked += ["-out", os.devnull, "-signer", "signer.pem"]
        done = subprocess.run(asked, cwd=folder, capture_output=True)
        if done.returncode:
            verdict.bad("manifest.json isn't what the issuer signed")
            return
        told = [openssl, "x509", "-in", "signer.pem", "-noout", "-subject", "-fingerprint"]
        told += ["-sha256"]
        who = subprocess.run(told, cwd=folder, capture_output=True).stdout.decode(errors="replace")
    verdict.good("manifest.json is signed; " + "; ".join(who.split("\n")).strip("; "))


# --- The chain of events -------------------------------------------------------------------------
class Totals:
    """What the events say that was earned: to be compared with what the packet claims."""

    def __init__(self):
        self.covered = {}
        self.played = {}
        self.scores = {}
        self.sessions = set()
        self.count = 0

    def add(self, record):
        self.count += 1
        self.sessions.add(record.get("session"))
        event = record.get("event")
        if record.get("status") != "accepted" or not isinstance(event, dict):
            return
        content = event.get("content_id")
        earned = record.get("earned", {})
        self.covered[content] = self.covered.get(content, 0) + earned.get("covered_ms", 0)
        self.played.setdefault(content, []).extend(played(event))
        quiz = record.get("quiz", {})
        if event.get("interaction_type") == "submit" and "score" in quiz:
            self.scores[(content, quiz.get("attempt"))] = round(quiz["score"] * 100)


def played(event):
    """The stretches of media that an event says were played, in milliseconds."""
    if event.get("segments") is not None:
        return [tuple(each) for each in event["segments"] if each[0] < each[1]]
    position = event.get("position_ms")
    if event.get("interaction_type") != "progress" or position is None:
        return []
    duration = event.get("duration_ms", 0) if event.get("is_active", True) else 0
    start = max(position - duration * event.get("rate_milli", 1000) // 1000, 0)
    return [(start, position)] if start < position else []


def check_chain(packet, manifest, verdict):
    """Walk the chain. Answers with the totals of its events."""
    chain, totals = manifest["chain"], Totals()
    head, expected = (GENESIS, 0) if not chain["first_index"] else (None, chain["first_index"])
    certified = chain.get("certified_length")
    for number, line in enumerate(packet.lines("events.jsonl"), 1):
        try:
            told = json.loads(line)
            index, stated, record = told["index"], told["hash"], json.loads(told["record"])
        except (ValueError, KeyError, TypeError) as error:
            verdict.bad(f"line {number} of events.jsonl can't be read: {error}")
            continue
        if index != expected:
            verdict.bad(f"event {index} stands where event {expected} should be")
        if record.get("index") != index:
            verdict.bad(
                "event {} says of itself that it is event {}".format(index, record.get("index"))
            )
        if head is None:
            head = stated  # The one before is gone: this one is believed, and what follows checked.
        else:
            linked = hashlib.sha256(bytes.fromhex(head) + told["record"].encode()).hexdigest()
            if linked != stated:
                verdict.bad(f"event {index} doesn't follow from the one before it, or was changed")
            head = stated
        if certified and index == certified - 1 and stated != chain["certified_head"]:
            verdict.bad(f"the certificate names another event {index}")
        expected = index + 1
        totals.add(record)
    if expected != chain["length"] or (head or GENESIS) != chain["head"]:
        verdict.bad(
            f"the chain ends at event {expected - 1}, "
            f"not at the sealed end (event {chain['length'] - 1})"
        )
    return totals


# --- What was learned ----------------------------------------------------------------------------
def union(spans):
    merged = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def length(spans):
    return sum(end - start for start, end in spans)


def is_within(inner, outer):
    return all(any(a <= start and end <= b for a, b in outer) for start, end in inner)


def check_contents(contents, rules, totals, is_whole, verdict):
    known = {content["content_id"]: content for content in contents}
    for rule in rules["contents"]:
        content = known.get(rule["content_id"])
        title = "“{}”".format(rule["title"])
        if content is None:
            verdict.bad(f"{title} was required, and nothing is told of it")
            continue
        check_content(content, rule, title, totals, is_whole, verdict)


def check_content(content, rule, title, totals, is_whole, verdict):
    needed = rule["needed_bp"] / 100
    covered = union(content["covered"])
    if content["content_type"] == "quiz":
        best = content["best_score_bp"]
        reached = (best or 0) / 100
        holds = best is not None and (best >= rule["needed_bp"] or content["completed_at"])
        verdict.check(
            holds,
            f"{title}: {reached:g} %, {needed:g} % needed",
            f"{title}: {reached:g} %, but {needed:g} % needed",
        )
        if holds and best < rule["needed_bp"]:
            verdict.note(f"{title} was passed; its scores were corrected later (attempts.json)")
        return
    if content["completes_on_download"] and content["downloads"]:
        verdict.good(f"{title}: downloaded, which completes it")
        return
    if rule["completion_source"] == "reported":
        reached = content["reported_bp"] / 100
        verdict.check(
            reached >= needed,
            f"{title}: SELF-REPORTED as {reached:g} %, not measured",
            f"{title}: reported as {reached:g} %, but {needed:g} % needed",
        )
        return
    extent = content["extent"] or 0
    share = 100.0 * length(covered) / extent if extent else 0.0
    same_medium = content["media_version"] == rule["media_version"]
    verdict.check(
        share >= needed or not same_medium,
        f"{title}: {share:.2f} % of {extent} {content['unit']} covered, {needed:g} % needed",
        f"{title}: only {share:.2f} % covered, but {needed:g} % needed",
    )
    if not same_medium or content["media_version"] != 1:
        verdict.note(f"{title}: its medium was replaced meanwhile; its events can't be added up")
    elif content["unit"] == "milliseconds" and is_whole:
        check_media(content, covered, title, totals, verdict)


def check_media(content, covered, title, totals, verdict):
    """Coverage is a union of what was played, and what the events earned adds up to it."""
    identity = content["content_id"]
    if totals.covered.get(identity, 0) != length(covered):
        verdict.bad(
            f"{title}: its events earned {totals.covered.get(identity, 0)} ms, "
            f"but {length(covered)} ms are claimed"
        )
    if not is_within(covered, union(totals.played.get(identity, []))):
        verdict.bad(f"{title}: parts are claimed that no event says were played")


def check_attempts(attempts, contents, totals, is_whole, verdict):
    best = {}
    for attempt in attempts:
        if attempt["submitted_at"] is None:
            continue
        name = f"attempt {attempt['number']} at content {attempt['content_id']}"
        first = attempt["score_bp"]
        if attempt["regrades"]:
            first = attempt["regrades"][0]["score_before_bp"]
            verdict.note("{} was scored anew: {}".format(name, attempt["regrades"][-1]["reason"]))
        scored = totals.scores.get((attempt["content_id"], attempt["number"]))
        if is_whole and scored != first:
            verdict.bad(f"{name}: submitted with {scored}, claimed are {first}")
        if 10000 * attempt["right"] // (attempt["questions"] or 1) != attempt["score_bp"]:
            verdict.bad(f"{name}: its score isn't its share of right answers")
        known = best.get(attempt["content_id"], 0)
        best[attempt["content_id"]] = max(known, attempt["score_bp"])
    for content in contents:
        counts = content["best_score_bp"] if content["content_type"] == "quiz" else None
        if counts is not None and best.get(content["content_id"]) != counts:
            verdict.bad("“{}”: no attempt has the score that counts".format(content["title"]))


def main(path):
    verdict = Verdict()
    try:
        check(Packet(path), verdict)
    except (KeyError, TypeError, ValueError, OSError, zipfile.BadZipFile) as error:
        # What was tampered with needn't have the shape that it was sealed with.
        verdict.bad(f"the packet can't be understood: {error!r}")
    if verdict.problems:
        print(f"NOT VERIFIED: {len(verdict.problems)} problems")
        return 1
    print("VERIFIED: the evidence is whole, and it bears the certificate out.")
    return 0


def check(packet, verdict):
    listed = read_json(packet, "packet.json", verdict)
    manifest = read_json(packet, "manifest.json", verdict)
    if listed is None or manifest is None:
        return
    print(f"Certificate {manifest['certificate']}")
    check_files(packet, listed["files"], verdict, "packet.json")
    check_files(packet, manifest["files"], verdict, "manifest.json")
    if not verdict.problems:
        verdict.good(f"{len(listed['files'])} files are as they were listed")
    check_signature(packet, verdict)
    before = len(verdict.problems)
    totals = check_chain(packet, manifest, verdict)
    first = manifest["chain"]["first_index"]
    if len(verdict.problems) == before:
        verdict.good(f"{totals.count} events, each following from the one before it")
    if first:
        verdict.note(f"verified from event {first} on: earlier ones were moved to the archive")
    check_learning(packet, totals, not first, verdict)


def check_learning(packet, totals, is_whole, verdict):
    names = ["contents.json", "rules.json", "attempts.json", "sessions.json"]
    documents = [read_json(packet, name, verdict) for name in names]
    if any(document is None for document in documents):
        return
    contents, rules, attempts, sessions = documents
    check_contents(contents, rules, totals, is_whole, verdict)
    check_attempts(attempts, contents, totals, is_whole, verdict)
    told = {session["session_id"] for session in sessions}
    for session in sorted(map(str, totals.sessions - told)):
        verdict.bad(f"events name session {session}, which isn't told")


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else here))
