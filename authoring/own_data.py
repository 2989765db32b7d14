"""The tables of authoring in a person's copy: what authors have uploaded."""

from progress.own_data.parts import include, leave_out

include(
    "authoring.StoredFile",
    "files-uploaded",
    "Files that you have uploaded for courses. The files themselves belong to the courses.",
    "uploaded_by",
    without={"stored_as": "Where the file is kept."},
)
include(
    "authoring.Upload",
    "uploads-under-way",
    "Files that you are uploading.",
    "owner",
    without={"parts": "Where the parts that have arrived are kept."},
)
leave_out("A course as it was after a change: it belongs to the course.", "authoring.DraftVersion")
