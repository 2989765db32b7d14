"""The tables of the libraries for signing in, in a person's copy."""

from progress.own_data.parts import include, leave_out

SECRET = "Whoever has it could act as you."

include("account.EmailAddress", "email-addresses", "Addresses of yours that are known.", "user")
include(
    "account.EmailConfirmation",
    "email-confirmations",
    "Mails that asked you to confirm one.",
    "email_address__user",
    without={"key": SECRET},
)
include(
    "socialaccount.SocialAccount",
    "sign-in-providers",
    "Your account at your organisation's provider, and what it says of you.",
    "user",
)
leave_out(SECRET, "socialaccount.SocialToken")
