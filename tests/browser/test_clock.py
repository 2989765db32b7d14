"""What the tracker's clock counts as a distraction."""

import pytest

pytestmark = pytest.mark.django_db(transaction=True)

CLOCK = """async ([plays, leave]) => {
    const { ActivityClock } = await import("/static/progress/clock.js");
    const page = new EventTarget();
    page.hidden = false;
    page.defaultView = new EventTarget();
    let now = 0;
    const clock = new ActivityClock({ page, now: () => now });
    if (plays) clock.setPlaying("recording", true);
    now += 10_000;
    if (leave === "tab") {
        page.hidden = true;
        page.dispatchEvent(new Event("visibilitychange"));
    } else page.defaultView.dispatchEvent(new Event("blur"));
    now += 30_000;
    const first = clock.take();
    clock.setPlaying("recording", false);
    now += 5_000;
    page.defaultView.dispatchEvent(new Event("blur"));
    const later = clock.take();
    clock.stop();
    return [first.distractions, first.duration_seconds, later.distractions];
}"""


@pytest.mark.parametrize("leave", ["tab", "focus"])
def test_listening_in_another_tab_is_no_distraction(page, site, leave):
    """Playing time still counts; and it is a distraction as soon as nothing plays."""
    page.goto(f"{site}/login/")
    assert page.evaluate(CLOCK, [True, leave]) == [0, 40, 1]
    distractions, active, _later = page.evaluate(CLOCK, [False, leave])
    assert distractions == 1
    assert active == (10 if leave == "tab" else 40)
