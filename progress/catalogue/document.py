"""The course document's shape. Errors name the path: `modules.0.contents.2.duration_seconds`."""

from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError

from progress.models import Content, Course
from progress.security import rights
from progress.validation.content_urls import check_content_url

from . import size
from .completable import fill_in_measures, obstacle
from .content_codes import contents_of, error_at, key_of, modules_by_code, nested_error
from .fields import Flag, Identity, Number, WholeNumber
from .questions import QuestionDocument, check_pools
from .strict import StrictSerializer, check_unique
from .teaching import resolve_taught_in

MAX_SECONDS = 604_800
MEDIA = {"video", "audio"}
READ = {"document", "text"}
EMBED = {"embed"}
# The rules by which a content completes, and the types of content that each applies to.
RULES = {"download": {"document"}, "view": EMBED, "confirmation": EMBED, "score": EMBED}


class ContentDocument(StrictSerializer):
    """One content. Fields that don't apply to its type must be left out or null."""

    id = Identity()
    code = serializers.CharField(max_length=100)
    title = serializers.CharField(max_length=300, required=False)
    content_type = serializers.ChoiceField(Content.Type.values)
    url = serializers.CharField(
        max_length=1000,
        allow_blank=True,
        default="",
        trim_whitespace=False,
        validators=[check_content_url],
        help_text="http, https, or relative to the site.",
    )
    duration_seconds = Number(allow_null=True, default=None, max_value=MAX_SECONDS)
    page_count = WholeNumber(allow_null=True, default=None, min_value=1, max_value=100_000)
    reading_seconds = WholeNumber(allow_null=True, default=None, min_value=1, max_value=MAX_SECONDS)
    required = Flag(default=True)
    weight = WholeNumber(default=1, min_value=1, max_value=1000)
    complete_at = Number(allow_null=True, default=None, min_value=0.01, max_value=100)
    skills = serializers.ListField(child=serializers.CharField(max_length=100), default=list)
    hidden = Flag(default=False)
    release_at = serializers.DateTimeField(allow_null=True, default=None)
    prerequisites = serializers.ListField(
        child=serializers.CharField(max_length=100), default=list, help_text="Codes of contents."
    )
    completion_source = serializers.ChoiceField(
        ["measured", "reported"], allow_null=True, default=None
    )
    media_version = WholeNumber(default=1, min_value=1, max_value=2_000_000_000)
    completes_on = serializers.ChoiceField(
        list(RULES),
        allow_null=True,
        default=None,
        help_text=(
            "What completes it: a document's download; of an embed, time in view (view_seconds), "
            "the learner's own confirmation, or the score that its page reports (complete_at)."
        ),
    )
    view_seconds = WholeNumber(
        allow_null=True,
        default=None,
        min_value=1,
        max_value=MAX_SECONDS,
        help_text="Of an embed: how many seconds of active time complete it.",
    )
    pass_percentage = Number(allow_null=True, default=None, min_value=0, max_value=100)
    max_attempts = WholeNumber(allow_null=True, default=None, min_value=1, max_value=1_000_000)
    time_limit_minutes = WholeNumber(
        allow_null=True,
        default=None,
        min_value=1,
        max_value=1440,
        help_text="Of a quiz: the minutes that an attempt has, from its beginning.",
    )
    grace_minutes = WholeNumber(
        allow_null=True,
        default=None,
        min_value=0,
        max_value=10_080,
        help_text=(
            "Of a quiz with a time limit: how many minutes later answers that were given in time "
            "may arrive; null for 10."
        ),
    )
    shuffle_questions = Flag(
        default=False, help_text="Each attempt asks the questions in an order of its own."
    )
    shuffle_choices = Flag(
        default=False,
        help_text="Each attempt shows the choices in an order of its own, except true or false.",
    )
    pools = serializers.DictField(
        child=WholeNumber(min_value=1, max_value=10_000),
        default=dict,
        help_text="How many questions each attempt asks of a pool, by the pool's name.",
    )
    waives = serializers.ListField(
        child=serializers.CharField(max_length=100),
        default=list,
        help_text="Of a pre-test: codes of the contents that need not be done once it is passed.",
    )
    alternative_group = serializers.CharField(
        max_length=100,
        allow_blank=True,
        default="",
        help_text="Of the course's contents with the same name here, one is enough.",
    )
    remedial = Flag(
        default=False, help_text="Extra practice for those who need more of one of its skills."
    )
    questions = QuestionDocument(many=True, required=False)

    def validate_duration_seconds(self, seconds):
        if seconds is not None and round(seconds * 1000) < 1:
            raise ValidationError("Must be above 0.")
        return seconds

    def validate(self, content):
        content.setdefault("title", content["code"])
        kind = content["content_type"]
        fill_in_measures(content)
        self._refuse_misplaced(content, kind)
        if kind == "quiz":
            self._check_quiz(content)
        _check_rule(content)
        _check_path(content)
        if not content["hidden"] and (found := obstacle(content)):
            raise ValidationError({found[0]: found[1]})
        if content["completion_source"] == "measured" and not _has_extent(content):
            raise ValidationError({"completion_source": "Without an extent it can't be measured."})
        return content

    def _refuse_misplaced(self, content, kind):
        allowed = {
            "duration_seconds": MEDIA | EMBED,
            "page_count": {"document"} | EMBED,
            "reading_seconds": READ | EMBED,
            "completes_on": RULES.get(content["completes_on"], set()),
            "view_seconds": EMBED,
            "pass_percentage": {"quiz"},
            "max_attempts": {"quiz"},
            "time_limit_minutes": {"quiz"},
            "grace_minutes": {"quiz"},
            "shuffle_questions": {"quiz"},
            "shuffle_choices": {"quiz"},
            "pools": {"quiz"},
            "questions": {"quiz"},
            "waives": {"quiz"},
        }
        for name, kinds in allowed.items():
            if content.get(name) and kind not in kinds:
                raise ValidationError({name: f"Does not apply to content of type {kind}."})

    def _check_quiz(self, quiz):
        if not quiz.get("questions"):
            raise ValidationError({"questions": "A quiz needs at least one question."})
        if quiz["complete_at"] is not None:
            raise ValidationError(
                {"complete_at": "A quiz completes by passing or submitting; set pass_percentage."}
            )
        if quiz["completion_source"] == "reported":
            raise ValidationError({"completion_source": "A quiz is always measured."})
        if quiz["grace_minutes"] is not None and quiz["time_limit_minutes"] is None:
            raise ValidationError({"grace_minutes": "Only with time_limit_minutes."})
        questions = quiz["questions"]
        check_unique(questions, "code", "questions")
        # A question without an id gets a negative number, so that it equals no other.
        ids = [{"id": each.get("id") or -index} for index, each in enumerate(questions)]
        check_unique(ids, "id", "questions")
        check_pools(quiz)


def _check_rule(content) -> None:
    """The author's rule for an embed: seconds in view, a confirmation, or its page's score."""
    rule = content["completes_on"]
    if content["view_seconds"] is not None and rule is None:
        rule = content["completes_on"] = "view"
    if rule == "view" and content["view_seconds"] is None:
        raise ValidationError({"view_seconds": "Say after how many seconds it is complete."})
    if rule != "view" and content["view_seconds"] is not None:
        raise ValidationError({"view_seconds": "Only allowed with completes_on: view."})
    if rule in ("view", "confirmation") and content["complete_at"] is not None:
        raise ValidationError({"complete_at": "Its own rule says when it is complete."})
    if rule in ("view", "confirmation", "score") and content["completion_source"] == "measured":
        raise ValidationError({"completion_source": "Its own rule makes it reported."})


def _check_path(content) -> None:
    """Refuses a pre-test or remedial content that no learning path could include."""
    if content["waives"]:
        if content["required"]:
            raise ValidationError(
                {"required": "A pre-test is optional: learners who don't pass it do the contents."}
            )
        if content["pass_percentage"] is None:
            raise ValidationError({"pass_percentage": "A pre-test needs a pass mark."})
        if content["max_attempts"] is None:
            raise ValidationError(
                {"max_attempts": "A pre-test needs a limit: repeated guessing would pass it."}
            )
    if content["remedial"]:
        if content["required"]:
            raise ValidationError({"required": "Remedial content is optional."})
        if not content["skills"]:
            raise ValidationError({"skills": "Remedial content names the skills it practises."})


def _has_extent(content) -> bool:
    kind = content["content_type"]
    if kind in MEDIA:
        return content["duration_seconds"] is not None
    return kind != "embed" or any(
        content[name] is not None for name in ("duration_seconds", "page_count", "reading_seconds")
    )


class ModuleDocument(StrictSerializer):
    id = Identity()
    code = serializers.CharField(max_length=100)
    title = serializers.CharField(max_length=300, required=False)
    contents = ContentDocument(many=True, default=list)

    def validate(self, module):
        module.setdefault("title", module["code"])
        check_unique(module["contents"], "code", "contents")
        return module


class CourseDocument(StrictSerializer):
    """A course: modules, contents, questions and choices, nested; items are matched by code."""

    # In the context, `by` is the author (None for a command), and `course` the one to replace.

    tolerated = frozenset({"id", "structure_version", "is_test"})

    id = serializers.IntegerField(read_only=True)
    code = serializers.CharField(max_length=100)
    title = serializers.CharField(max_length=300)
    description = serializers.CharField(allow_blank=True, default="")
    plausibility = serializers.ChoiceField(Course.Plausibility.values, default="enforce")
    path = serializers.ChoiceField(
        Course.Path.values,
        default="fixed",
        help_text="Whether the order is the document's, or suits each learner.",
    )
    instructors = serializers.ListField(
        child=serializers.CharField(max_length=150), required=False, help_text="Usernames."
    )
    structure_version = serializers.IntegerField(read_only=True)
    is_test = serializers.BooleanField(read_only=True)
    modules = ModuleDocument(many=True, default=list)

    def to_internal_value(self, data):
        try:
            size.check(data)
        except size.TooLarge as error:
            raise nested_error(error.path, error.detail) from None
        return super().to_internal_value(data)

    def validate_instructors(self, usernames):
        by, course = self.context.get("by"), self.context.get("course")
        found = rights.possible_instructors(by).called(usernames)
        missing = sorted(name for name, users in found.items() if not users)
        if missing:
            raise ValidationError(f"Unknown username: {', '.join(missing)}.")
        if several := sorted(name for name, users in found.items() if len(users) > 1):
            raise ValidationError(f"Several accounts have this name: {', '.join(several)}.")
        chosen = list({users[0].pk: users[0] for users in found.values()}.values())
        if not rights.may_choose_instructors(by, course):
            before = course.instructors.values_list("pk", flat=True)
            if {user.pk for user in chosen} != set(before):
                raise PermissionDenied("You may not choose who teaches this course.")
        return chosen

    def validate(self, course):
        modules = course["modules"]
        check_unique(modules, "code", "modules")
        modules_of_code = modules_by_code(modules)
        needs = _resolve(modules, "prerequisites", modules_of_code)
        for index, _, key in contents_of(modules):
            if key in _all_before(key, needs):
                detail = "Requires itself through its prerequisites."
                raise error_at(index, "prerequisites", detail=detail)
        waives = _resolve(modules, "waives", modules_of_code)
        _check_waived(modules, needs, waives)
        resolve_taught_in(modules, modules_of_code)
        return course


def _resolve(modules, name: str, modules_of_code: dict[str, list[str]]) -> dict:
    """Replace the codes in a field of the contents by keys. Returns these by the content's key."""
    found = {}
    for index, content, key in contents_of(modules):
        try:
            found[key] = [key_of(code, key[0], modules_of_code) for code in content[name]]
        except ValueError as error:
            raise error_at(index, name, detail=str(error)) from None
        content[name] = found[key]
    return found


def _check_waived(modules, needs, waives) -> None:
    for index, content, key in contents_of(modules):
        before = _all_before(key, needs) if waives[key] else set()
        for target in waives[key]:
            if target == key:
                raise error_at(index, "waives", detail="A pre-test can't waive itself.")
            if waives[target]:
                problem = f"{target[1]!r} is a pre-test, and can't be waived."
                raise error_at(index, "waives", detail=problem)
            if target in before:
                problem = f"{target[1]!r} has to be done before this pre-test can be taken."
                raise error_at(index, "waives", detail=problem)
        if content["alternative_group"] and waives[key]:
            problem = "A pre-test can't be an alternative."
            raise error_at(index, "alternative_group", detail=problem)


def _all_before(start, needs) -> set:
    """The keys of all contents that must be done before `start`, directly or indirectly."""
    seen, to_visit = set(), list(needs[start])
    while to_visit:
        key = to_visit.pop()
        if key not in seen:
            seen.add(key)
            to_visit += needs[key]
    return seen
