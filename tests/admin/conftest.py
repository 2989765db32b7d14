import pytest


@pytest.fixture
def window(sign_in, administrator):
    """A test client that is signed in as an administrator."""
    return sign_in(administrator)
