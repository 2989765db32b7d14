from django.db.backends.postgresql import base, features


class DatabaseFeatures(features.DatabaseFeatures):
    # The key of a distributed table has the learner too, which Django doesn't know of: grouped by
    # the rest of it alone, the other columns would not be determined.
    allows_group_by_selected_pks = False


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
