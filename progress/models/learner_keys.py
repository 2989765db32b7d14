"""Relations among a learner's own rows, which are on one machine where learners are distributed.

There (`DATABASE_DISTRIBUTED`) they join over the learner as well as over the key, because only that
tells a distributed database that both rows are on the same machine. The key alone identifies the
row, so the result is the same; on a single PostgreSQL the second condition would only mislead its
planner, which takes the two for independent and expects almost no rows.
"""

from collections.abc import Collection

from django.conf import settings
from django.db import connections, models, transaction
from django.db.models.lookups import Exact
from django.db.models.sql.where import WhereNode

LEARNER = "user"


def learner_column() -> models.ForeignKey:
    """The learner of a row whose parent says so as well; the parent's constraint implies it.

    Empty in rows that a release before it wrote; `distribution_plan` fills it in.
    """
    return models.ForeignKey(
        "progress.User",
        models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )


def unique_fields(model: type[models.Model], names: Collection[str]) -> list[str]:
    """The fields of a unique constraint by which rows are replaced.

    Where rows are distributed, every one of them has the learner.
    """
    is_spread = settings.DATABASE_DISTRIBUTED and issubclass(model, LearnerRow)
    return [*({LEARNER} - set(names) if is_spread else ()), *names]


class _OfLearner:
    """Both models have their learner in the field `user`. Migrations see a plain relation."""

    def deconstruct(self):
        name, _, arguments, options = super().deconstruct()
        return name, f"django.db.models.{self.plain.__name__}", arguments, options

    def get_extra_restriction(self, alias, related_alias):
        """The learner's part of a join's condition. No alias: the join became a subquery."""
        if not settings.DATABASE_DISTRIBUTED or None in (alias, related_alias):
            return None
        theirs = self.remote_field.model._meta.get_field(LEARNER).get_col(alias)
        own = self.model._meta.get_field(LEARNER).get_col(related_alias)
        return WhereNode([Exact(own, theirs)])

    def get_extra_descriptor_filter(self, instance):
        """Of `session.enrollment`: it is the same learner's."""
        return {f"{LEARNER}_id": instance.user_id} if settings.DATABASE_DISTRIBUTED else {}

    def get_forward_related_filter(self, obj):
        """Of `enrollment.course_progress`, which is read from the other side."""
        own = {f"{LEARNER}_id": obj.user_id} if settings.DATABASE_DISTRIBUTED else {}
        return super().get_forward_related_filter(obj) | own


def outer_row(field: str) -> dict[str, models.OuterRef]:
    """In a subquery about another row of the learner's, that row; its `field` names it."""
    learner = {LEARNER: models.OuterRef(LEARNER)} if settings.DATABASE_DISTRIBUTED else {}
    return {field: models.OuterRef("pk")} | learner


def key_columns(model: type[models.Model]) -> list[str]:
    """The columns of a model's primary key, as the database has it."""
    names = unique_fields(model, [model._meta.pk.name])
    return [model._meta.get_field(name).column for name in names]


class LearnerRows(models.QuerySet):
    """Rows of learners, which a distributed database doesn't return in the order of an INSERT."""

    def bulk_create(self, objs, *args, update_conflicts=False, **options):
        """As Django's, whose objects get the ids of the rows in the order of the statement."""
        options["update_conflicts"] = update_conflicts
        objs = list(objs)
        if not (
            settings.DATABASE_DISTRIBUTED and isinstance(self.model._meta.pk, models.AutoField)
        ):
            return super().bulk_create(objs, *args, **options)
        if not update_conflicts:
            self._give_ids([obj for obj in objs if obj.pk is None])
            return super().bulk_create(objs, *args, **options)
        # Which ids the rows have is decided by what is there: a statement for each learner.
        with transaction.atomic(using=self.db):
            for learner in {obj.user_id: None for obj in objs}:
                own = [obj for obj in objs if obj.user_id == learner]
                super().bulk_create(own, *args, **options)
        return objs

    def _give_ids(self, objs: list[models.Model]) -> None:
        table = self.model._meta.db_table
        with connections[self.db].cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [table, self.model._meta.pk.column, len(objs)],
            )
            for obj, (key,) in zip(objs, cursor.fetchall(), strict=True):
                obj.pk = key


class LearnerRow(models.Model):
    """A row that belongs to its `user` for good, and is updated with the learner named."""

    objects = LearnerRows.as_manager()

    class Meta:
        abstract = True

    def _do_update(self, base_qs, using, pk_val, values, update_fields, forced_update):
        if settings.DATABASE_DISTRIBUTED:
            base_qs = base_qs.filter(**{f"{LEARNER}_id": self.user_id})
            values = [value for value in values if value[0].name != LEARNER]
        return super()._do_update(base_qs, using, pk_val, values, update_fields, forced_update)


class LearnerForeignKey(_OfLearner, models.ForeignKey):
    plain = models.ForeignKey


class LearnerOneToOneField(_OfLearner, models.OneToOneField):
    plain = models.OneToOneField
