"""A preview shows a draft as learners will see it, and records nothing."""

from functools import partial

import pytest

from authoring import drafting, outline
from authoring.models import Role
from progress.models import ContentInteraction, ContentProgress, LearningSession
from tests.factories import a_course, a_learner, an_instructor

from .conftest import demo
from .test_uploading import VTT

pytestmark = pytest.mark.django_db
UNFINISHED = {"title": "Later", "content_type": "embed"}


@pytest.fixture
def see(course, author, sign_in):
    window = sign_in(author)

    def page(module: str, code: str) -> str:
        address = f"/authoring/courses/{course.pk}/preview/?module={module}&content={code}"
        response = window.get(address)
        assert response.status_code == 200
        return response.content.decode()

    return page


# Words of a quiz, and every page's banner that says when the network is away.
HARMLESS = (
    '<script id="quiz-words" type="application/json">',
    '<script type="module" src="/static/pages/network.js"></script>',
)


@pytest.mark.parametrize(
    ("module", "code", "shown"),
    [
        ("see", "video", '<video id="media"'),
        ("see", "audio", '<audio id="media"'),
        ("read", "pages", "/static/demo/rules.pdf"),
        ("read", "text", "What fire needs"),
        ("check", "quiz", "Question 4?"),
    ],
)
def test_each_type_is_shown_without_a_script(see, module, code, shown):
    page = see(module, code)
    assert shown in page
    assert "Nothing is recorded" in page
    for harmless in HARMLESS:
        page = page.replace(harmless, "")
    assert "<script" not in page


@pytest.mark.parametrize(
    ("module", "code"), [("see", "video"), ("read", "pages"), ("read", "text"), ("check", "quiz")]
)
def test_nothing_in_it_can_be_pressed_in_vain(see, module, code):
    """Notes have no content to belong to, and keys need the player's script."""
    main = see(module, code).partition("<main")[2].partition("</main>")[0]
    assert 'method="post"' not in main
    assert 'id="show-keys"' not in main
    assert 'id="keys"' not in main


def test_a_preview_records_nothing(see):
    see("see", "video")
    for model in (LearningSession, ContentProgress, ContentInteraction):
        assert not model.objects.exists()


def test_it_shows_the_draft_with_its_captions(course, author, see, upload):
    video = upload(demo("extinguisher.mp4"))
    upload(VTT, role=Role.CAPTIONS, media=video, language="ar")
    values = {"title": "Draft title", "url": video.address, "duration_seconds": None}
    edit = partial(outline.change_content, key=("see", "video"), values=values)
    drafting.change(course, author, 0, edit)
    page = see("see", "video")
    assert "Draft title" in page
    assert f'src="{video.address}"' in page
    assert 'srclang="ar"' in page


def test_what_an_unfinished_content_lacks_is_said(course, author, see):
    edits = []

    def add(document):
        changed, key = outline.add_content(document, "see", UNFINISHED)
        edits.append(key)
        return changed

    drafting.change(course, author, 0, add)
    page = see(*edits[0])
    assert "finished:" in page
    assert "Choose what completes it" in page


def test_hidden_contents_are_left_out(course, author, see):
    edit = partial(outline.change_content, key=("see", "audio"), values={"hidden": True})
    drafting.change(course, author, 0, edit)
    assert "Alarm sounds" not in see("see", "video")


def test_nobody_else_sees_a_preview(course, sign_in):
    for other in (an_instructor(a_course()), a_learner(course)):
        address = f"/authoring/courses/{course.pk}/preview/"
        assert sign_in(other).get(address).status_code == 404
