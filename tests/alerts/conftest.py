from tests.dashboards.conftest import administrator, course, sign_in

__all__ = ["administrator", "course", "sign_in"]
