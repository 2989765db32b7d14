"""Who may open a stream."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from progress import live
from progress.live.access import may_follow
from progress.models import Enrollment, User
from progress.security.tokens import StreamClaims
from tests.factories import NOON, a_learner, a_user

from .listening import assert_refused, listening, message, push, stream_url

pytestmark = pytest.mark.django_db(transaction=True)


def refused_url(name, learner, course):
    path, token = stream_url(learner.pk, course.pk).split("?token=")
    return {
        "no token": path,
        "an empty token": f"{path}?token=",
        "a forged token": f"{path}?token={token[:-2]}xx",
        "another's token": f"{path}?token=" + stream_url(learner.pk + 1, course.pk).split("=")[1],
        "another course's": f"{path}?token=" + stream_url(learner.pk, course.pk + 1).split("=")[1],
        "no ASCII": f"{path}?token=\N{SNOWMAN}",
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        "no token",
        "an empty token",
        "a forged token",
        "another's token",
        "another course's",
        "no ASCII",
    ],
)
def test_without_a_token_of_this_stream_it_is_401(visit, learner, course, name):
    async def scenario(app):
        async with listening(app, refused_url(name, learner, course)) as client:
            await client.end()
        assert_refused(client, 401, "authentication_failed")

    visit(scenario)


def test_a_token_opens_the_stream_for_twelve_hours(visit, url):
    async def scenario(app):
        for hours, status in ((11, 200), (13, 401)):
            with travel(NOON.replace(hour=hours), tick=True):
                async with listening(app, early) as client:
                    await client.until(lambda client: client.status)
            assert client.status == status

    with travel(NOON.replace(hour=0)):
        early = (
            url.split("?")[0]
            + "?"
            + stream_url(*map(int, url.split("?")[0].split("/")[-2:])).split("?")[1]
        )
    visit(scenario)


@pytest.mark.parametrize("change", ["unenrolled", "deactivated", "unknown"])
def test_a_learner_who_left_has_no_stream(visit, url, learner, course, change):
    if change == "unenrolled":
        Enrollment.objects.update(unenrolled_at=NOON)
    elif change == "deactivated":
        User.objects.update(is_active=False)
    else:
        url = stream_url(10**15, course.pk)

    async def scenario(app):
        push(learner, course, 10, events=1)
        async with listening(app, url) as client:
            await client.end()
        assert_refused(client, 401, "authentication_failed")
        async with listening(app, url, method="HEAD") as client:
            await client.end()
        assert client.status == 401

    visit(scenario)


def an_instructor(course):
    reader = a_user(is_staff=True)
    course.instructors.add(reader)
    return reader


def a_service_account(course):
    reader = a_user()
    reader.user_permissions.add(permission("view_courseprogress"))
    return reader


def permission(codename):
    return Permission.objects.get(codename=codename, content_type__app_label="progress")


READERS = {
    "an instructor": an_instructor,
    "a service account": a_service_account,
    "a superuser": lambda course: a_user(is_superuser=True),
}


@pytest.mark.parametrize("who", READERS)
def test_whoever_may_read_the_progress_opens_its_stream(visit, learner, course, who):
    url = stream_url(learner.pk, course.pk, READERS[who](course))

    async def scenario(app):
        async with listening(app, url) as client:
            assert (await client.event()).kind == "snapshot"

    visit(scenario)


LOSSES = {
    "an instructor who was deactivated": (
        an_instructor,
        lambda reader, course: User.objects.filter(pk=reader.pk).update(is_active=False),
    ),
    "an instructor who lost the course": (
        an_instructor,
        lambda reader, course: course.instructors.remove(reader),
    ),
    "an account that lost the permission": (
        a_service_account,
        lambda reader, course: reader.user_permissions.clear(),
    ),
    "an administrator who is none any more": (
        lambda course: a_user(is_superuser=True),
        lambda reader, course: User.objects.filter(pk=reader.pk).update(is_superuser=False),
    ),
    "an account that was deleted": (a_service_account, lambda reader, course: reader.delete()),
    "a reader who may, of a learner who left": (
        an_instructor,
        lambda reader, course: Enrollment.objects.update(unenrolled_at=NOON),
    ),
    "a stranger": (lambda course: a_learner(course), lambda reader, course: None),
}


@pytest.mark.parametrize("come_back", [False, True], ids=["anew", "with the last event"])
@pytest.mark.parametrize("who", LOSSES)
def test_whoever_may_no_longer_read_the_progress_opens_no_stream(
    visit, learner, course, who, come_back
):
    make_reader, lose = LOSSES[who]
    reader = make_reader(course)
    url = stream_url(learner.pk, course.pk, reader)
    live.push(learner.pk, course.pk, message(course, 10, events=1))
    lose(reader, course)

    async def scenario(app):
        headers = {}
        if come_back:
            async with listening(app, stream_url(learner.pk, course.pk)) as client:
                await client.until(lambda client: client.status)
                if client.status == 200:
                    headers = {"Last-Event-ID": (await client.event()).id}
        for method in ("GET", "HEAD"):
            async with listening(app, url, method=method, headers=headers) as client:
                await client.end()
            assert client.status == 401

    visit(scenario)


def test_learners_themselves_are_let_in_by_one_statement_however_many(learner, course):
    own = StreamClaims(learner.pk, learner.pk, course.pk)
    others = [StreamClaims(user.pk, user.pk, course.pk) for user in (a_learner(course), a_user())]
    with CaptureQueriesContext(connection) as queries:
        assert may_follow([own]) == {own: True}
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        answers = may_follow([own, *others])
    assert answers == {own: True, others[0]: True, others[1]: False}
    assert len(queries) == 1
