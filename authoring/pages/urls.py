from django.urls import path

from . import files, transfers

urlpatterns = [
    path("authoring/", files.courses, name="authoring"),
    path("authoring/courses/<int:course_id>/files/", files.course_files, name="course-files"),
    path("authoring/courses/<int:course_id>/uploads/", transfers.begin, name="begin-upload"),
    path("authoring/uploads/<uuid:upload_id>/", transfers.upload, name="upload"),
    path("authoring/uploads/<uuid:upload_id>/finish/", transfers.finish, name="finish-upload"),
    path("authoring/files/<uuid:file_id>/remove/", files.remove, name="remove-file"),
    path("files/<uuid:file_id>/<str:name>", files.stored_file, name="stored-file"),
]
