import pytest

from tests.factories import a_learner


@pytest.fixture
def learner(client):
    """A signed-in learner, whose days begin an hour or two before those of UTC."""
    learner = a_learner(full_name="Lena Fischer", time_zone="Europe/Berlin")
    client.force_login(learner)
    return learner
