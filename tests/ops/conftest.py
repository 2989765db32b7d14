"""Installations of their own: see `installations`."""

import pytest

from .installations import a_free_port, installations


@pytest.fixture
def port():
    return a_free_port()


@pytest.fixture
def make_installation():
    with installations() as make:
        yield make


@pytest.fixture
def installation(make_installation):
    return make_installation()
