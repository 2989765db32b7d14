from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def scim(request, address=""):
    """`ScimView`, imported with the first request: its libraries take seconds to load, which
    every process and command would wait for."""
    from .views import ScimView

    return ScimView.as_view()(request, address=address)


# The slash at the end is as you like; the protocol knows all addresses below.
urlpatterns = [re_path(r"^(?P<address>/.*)?$", scim, name="scim")]
