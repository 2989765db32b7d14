from django.urls import path

from . import (
    adding,
    builder,
    contents,
    copies,
    courses,
    enrolled,
    files,
    joining,
    people,
    players,
    preview,
    quiz_editor,
    transfers,
)

ACTIONS = (
    builder.change_course,
    builder.add_module,
    builder.rename_module,
    builder.add_content,
    builder.move,
    builder.remove,
    builder.duplicate,
    builder.undo,
    builder.redo,
    builder.discard,
    builder.publish,
    adding.add_files,
    copies.copy_again,
    players.use_length,
    quiz_editor.save_question,
    quiz_editor.remove_question,
    quiz_editor.move_question,
    quiz_editor.save_pools,
)

urlpatterns = [
    path("authoring/", courses.courses, name="authoring"),
    path("authoring/courses/<int:course_id>/", builder.build, name="build-course"),
    path("authoring/courses/<int:course_id>/preview/", preview.preview, name="build-preview"),
    path("authoring/courses/<int:course_id>/content/", contents.content, name="build-content"),
    *(
        path(
            f"authoring/courses/<int:course_id>/{action.__name__.replace('_', '-')}/",
            action,
            name=f"build-{action.__name__.replace('_', '-')}",
        )
        for action in ACTIONS
    ),
    path("authoring/courses/<int:course_id>/address/", players.check_address, name="check-address"),
    path("authoring/courses/<int:course_id>/files/", files.course_files, name="course-files"),
    path("authoring/courses/<int:course_id>/files/states/", files.file_states, name="file-states"),
    path("authoring/courses/<int:course_id>/uploads/", transfers.begin, name="begin-upload"),
    path("authoring/uploads/<uuid:upload_id>/", transfers.upload, name="upload"),
    path("authoring/uploads/<uuid:upload_id>/finish/", transfers.finish, name="finish-upload"),
    path("authoring/files/<uuid:file_id>/remove/", files.remove, name="remove-file"),
    path("authoring/courses/<int:course_id>/people/", people.people, name="course-people"),
    path("authoring/courses/<int:course_id>/end/", enrolled.end_enrollment, name="end-enrollment"),
    path(
        "authoring/courses/<int:course_id>/take-up/",
        enrolled.take_up_enrollment,
        name="take-up-enrollment",
    ),
    path("authoring/courses/<int:course_id>/due/", people.date_enrollment, name="date-enrollment"),
    path("authoring/courses/<int:course_id>/enrol/", people.enrol_found, name="enrol-found"),
    path("authoring/courses/<int:course_id>/enrol-list/", people.enrol_listed, name="enrol-listed"),
    path("authoring/courses/<int:course_id>/open/", people.open_course, name="open-course"),
    path("authoring/courses/<int:course_id>/new-link/", people.renew_link, name="renew-link"),
    path("catalogue/", joining.catalogue, name="catalogue"),
    path("catalogue/<int:course_id>/enrol/", joining.join_listed, name="join-listed"),
    path("join/<slug:key>/", joining.join, name="join-course"),
    path("files/<uuid:file_id>/<str:name>", files.stored_file, name="stored-file"),
]
