"""What follows from what was done, whatever the course says of it."""

from hypothesis import given
from hypothesis import strategies as st

from progress.rules.waiving import Link, due

contents = st.integers(0, 7)
links = st.lists(
    st.builds(Link, contents, contents, st.booleans()).filter(lambda link: link[0] != link[1]),
    max_size=20,
)
some = st.frozensets(contents)


@given(links, some, some)
def test_nothing_is_waived_without_proof_nor_twice_nor_against_a_decision(given, complete, decided):
    found = due(given, complete.__contains__, decided)
    targets = [link.target for link in found]
    assert len(set(targets)) == len(targets)
    assert all(link.source in complete for link in found)
    assert not set(targets) & (complete | decided)


@given(links, some, some)
def test_everything_that_has_a_proof_is_waived(given, complete, decided):
    found = {link.target for link in due(given, complete.__contains__, decided)}
    proven = {link.target for link in given if link.source in complete}
    assert proven - complete - decided == found


@given(links, some, some)
def test_asking_again_finds_nothing_more(given, complete, decided):
    found = {link.target for link in due(given, complete.__contains__, decided)}
    assert due(given, complete.__contains__, decided | found) == []


@given(links, some, some)
def test_completing_more_never_requires_more(given, complete, more):
    before = {link.target for link in due(given, complete.__contains__, ())}
    after = {link.target for link in due(given, (complete | more).__contains__, ())}
    assert before <= after | complete | more
