"""The resources that are served, and what the service announces about itself."""

from typing import Annotated, ClassVar

from pydantic import Field
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Extension,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    Returned,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)
from scim2_models.resources.resource import AnyExtension
from scim2_models.urn import URN

MAX_RESULTS = 500


class Name(ComplexAttribute):
    formatted: str | None = None
    """The full name."""

    given_name: str | None = None
    """The given name."""

    family_name: str | None = None
    """The family name."""


class Email(ComplexAttribute):
    value: str | None = None
    """The address. One is kept: the primary one, else the one for work, else the first."""

    type: str | None = Field(None, examples=["work"])
    """Always `work`."""

    primary: bool | None = None
    """Always true."""


class GroupOfUser(ComplexAttribute):
    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    """The group's id."""

    ref: Annotated[Reference["Group"] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The group's address."""

    display: Annotated[str | None, Mutability.read_only] = None
    """The group's name."""

    type: Annotated[str | None, Mutability.read_only] = Field(None, examples=["direct"])
    """Always `direct`."""


class User(Resource[AnyExtension]):
    """A person's account."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """The name to sign in with; kept in lower case."""

    name: Name | None = None
    """The person's name."""

    Name: ClassVar[type[ComplexAttribute]] = Name

    display_name: str | None = None
    """The name that pages show."""

    timezone: str | None = None
    """The person's time zone, such as Europe/Paris."""

    preferred_language: str | None = Field(None, examples=["de"])
    """The language of the person's pages and mails: the closest one of the site's."""

    locale: Annotated[str | None, Mutability.write_only, Returned.never] = Field(
        None, examples=["de-CH"]
    )
    """Taken as the preferred language where none is stated."""

    active: bool | None = None
    """Whether the person may sign in and learn."""

    password: Annotated[str | None, Mutability.write_only, Returned.never, CaseExact.true] = None
    """A password to sign in with. Optional: people may sign in elsewhere."""

    emails: list[Email] | None = None
    """The person's address."""

    Emails: ClassVar[type[ComplexAttribute]] = Email

    groups: Annotated[list[GroupOfUser] | None, Mutability.read_only] = None
    """The groups that the person is a member of."""

    Groups: ClassVar[type[ComplexAttribute]] = GroupOfUser


class Manager(ComplexAttribute):
    value: Annotated[str | None, CaseExact.true] = None
    """The manager's id."""

    ref: Reference["User"] | None = Field(None, serialization_alias="$ref", validation_alias="$ref")
    """The manager's address; only the id is kept."""


class EnterpriseUser(Extension):
    """What an organisation adds."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    department: str | None = None
    """The person's department."""

    manager: Manager | None = None
    """The person's manager."""

    Manager: ClassVar[type[ComplexAttribute]] = Manager


class Member(ComplexAttribute):
    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The person's id."""

    ref: Annotated[Reference["User"] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The person's address."""

    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    """Always `User`: groups have no groups as members."""


class Group(Resource):
    """A department: its name is that of the members who joined it last."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """The department's name."""

    members: list[Member] | None = None
    """The people in it."""

    Members: ClassVar[type[ComplexAttribute]] = Member


Person = User[EnterpriseUser]

_CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    # POST /api/learners/bulk/ does that, with a dry run.
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=MAX_RESULTS),
    change_password=ChangePassword(supported=True),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="API key",
            description="An API key with the scope people:manage, as a bearer token.",
            primary=True,
        )
    ],
)
# What Microsoft Entra and Okta send beside the standard: attributes that are not kept here, members
# to be removed as a value, and an address where there was none.
_POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
PROVIDER = ScimProvider(
    models=[User, EnterpriseUser, Group],
    resource_types=[ResourceType.from_resource(Person), ResourceType.from_resource(Group)],
    config=_CONFIG,
    policy=_POLICY,
)
