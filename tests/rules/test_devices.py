"""A browser and its system, as a person would name them."""

import pytest

from progress.rules.devices import Device, device_of

LIKE = "(KHTML, like Gecko)"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 {LIKE}"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "browser", "system"),
    [
        (f"{WINDOWS} Chrome/131.0.0.0 Safari/537.36", "Chrome", "Windows"),
        (f"{WINDOWS} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0", "Edge", "Windows"),
        (f"{WINDOWS} Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0", "Opera", "Windows"),
        (f"{IPHONE} Version/18.1 Mobile/15E148 Safari/604.1", "Safari", "iPhone"),
        (f"{IPHONE} CriOS/131.0 Mobile/15E148 Safari/604.1", "Chrome", "iPhone"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
            "Firefox",
            "Linux",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) "
            "SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
            "Samsung Internet",
            "Android",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/17.6 Safari/605.1.15",
            "Safari",
            "macOS",
        ),
        ("curl/8.5.0", "", ""),
        ("", "", ""),
        ("\x00<script>Firefox", "", ""),
    ],
)
def test_it_is_named_in_two_words(user_agent, browser, system):
    assert device_of(user_agent) == Device(browser, system)
