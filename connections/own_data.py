"""The tables of connections in a person's copy."""

from progress.own_data.parts import include, leave_out

SECRET = "Whoever has it could act as you."

include(
    "connections.Event",
    "events-for-other-systems",
    "What other systems may read.",
    "user_id",
    columns=["enrollment_id"],
)
include(
    "connections.Delivery",
    "deliveries",
    "Which of these were sent, and when; the endpoint is the system that got them.",
    "user_id",
    without={"body": "The same as the event."},
)
leave_out("What the other system answered, when a delivery was tried.", "connections.Attempt")
leave_out("That your progress has changed; deleted within moments.", "connections.ChangedProgress")
include(
    "connections.Endpoint",
    "webhooks",
    "Addresses that you have events sent to.",
    "owner",
    without={"secret": SECRET, "previous_secret": SECRET},
)
include("connections.ProvisionedPerson", "directory", "Your names in the directory.", "user")
include("connections.GroupMembership", "directory-groups", "Your groups there.", "user")
