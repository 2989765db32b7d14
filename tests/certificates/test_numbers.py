"""A wrong digit in a number is noticed; codes are read in any spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.numbers import (
    ALPHABET,
    CODE_LENGTH,
    check_digit,
    new_code,
    number_of,
    read_code,
    read_number,
)

SERIALS = st.integers(1, 30_000_000)


@given(serial=SERIALS, position=st.integers(0), step=st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(serial, position, step):
    number = number_of(2026, serial)
    places = [at for at, character in enumerate(number) if character != "-"]
    at = places[position % len(places)]
    wrong = number[:at] + str((int(number[at]) + step) % 10) + number[at + 1 :]
    assert read_number(wrong) is None
    assert read_number(number) == number


def test_the_check_digit_is_that_of_the_standard():
    assert check_digit("0794") == "5"


@given(serial=SERIALS)
def test_a_number_is_read_with_dashes_spaces_or_neither(serial):
    number = number_of(2026, serial)
    assert read_number(number.replace("-", "")) == number
    assert read_number(f" {number.replace('-', ' ')} ") == number


@pytest.mark.parametrize("text", ["", "2026", "2026-00012-", "٢٠٢٦-٠٠٠١٢٣-٥", "' OR 1=1"])
def test_other_text_is_not_a_number(text):
    assert read_number(text) is None


def test_a_code_is_read_in_any_case_with_dashes_and_misread_letters():
    assert read_code("7k3m-9qxa-2fzt-w8rd") == "7K3M9QXA2FZTW8RD"
    assert read_code("OIL3 9QXA 2FZT W8RD") == "01139QXA2FZTW8RD"
    assert read_code("7K3M-9QXA-2FZT-W8R") is None
    assert read_code("7K3M-9QXA-2FZT-W8R!") is None


def test_codes_use_the_whole_alphabet_and_do_not_repeat():
    codes = [new_code() for _ in range(500)]
    assert len(set(codes)) == 500
    assert set("".join(codes)) == set(ALPHABET)
    assert {len(code) for code in codes} == {CODE_LENGTH}
