from rest_framework.routers import SimpleRouter

from .files import StoredFileViewSet
from .uploads import UploadViewSet

router = SimpleRouter()
router.register("files", StoredFileViewSet, "file")
router.register("uploads", UploadViewSet, "upload")

urlpatterns = router.urls
