"""Request bodies with unknown or read-only fields are refused, and the fields named."""

from collections.abc import Mapping

from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import ErrorDetail, ValidationError

# What Django's forms send beside their fields.
FORM_FIELDS = {"csrfmiddlewaretoken"}


# A mixin for serializers: `unknown_field` for a name that they don't have, and `read_only` for a
# read-only field, unless its value is sent back unchanged. Fields named in `tolerated` may be sent
# and are ignored. (Not a docstring: that would appear in the API's description of each of them.)
class RefusesUnknownFields:
    tolerated: frozenset[str] = frozenset()

    def to_internal_value(self, data):
        if isinstance(data, Mapping):
            self._refuse_unknown(data)
        return super().to_internal_value(data)

    def _refuse_unknown(self, data) -> None:
        wrong = {}
        for name in sorted(data.keys() - FORM_FIELDS - self.tolerated, key=str):
            field = self.fields.get(name)
            if field is None:
                wrong[str(name)] = _unknown()
            elif field.read_only and not self._is_unchanged(field, data[name]):
                wrong[str(name)] = ErrorDetail("This field can't be set.", "read_only")
        if wrong:
            raise ValidationError(wrong)

    def _is_unchanged(self, field, sent) -> bool:
        if self.instance is None:
            return False
        value = field.get_attribute(self.instance)
        shown = None if value is None else field.to_representation(value)
        return _is_same(sent, shown)


def _is_same(sent, shown) -> bool:
    if isinstance(sent, bool) or isinstance(shown, bool):
        return sent is shown
    if isinstance(sent, str) and isinstance(shown, str) and sent != shown:
        return _moment(sent) is not None and _moment(sent) == _moment(shown)
    return sent == shown


def _moment(text: str):
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def refuse_unknown_fields(request, known=frozenset()) -> None:
    """Raises ValidationError naming each unknown field of a body that has no serializer."""
    names = sorted(set(request.data) - set(known) - FORM_FIELDS, key=str)
    if names:
        raise ValidationError({str(name): _unknown() for name in names})


def _unknown() -> ErrorDetail:
    return ErrorDetail("There is no such field here.", "unknown_field")
