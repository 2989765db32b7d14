from progress.live.mailbox import Mailbox


def told(events, percent, contents=(1,)):
    return {
        "contents": [{"content_id": id, "completion_percentage": percent} for id in contents],
        "modules": [{"module_id": 7, "completion_percentage": percent}],
        "course": {"course_id": 3, "completion_percentage": percent, "event_count": events},
        "certificate": None,
    }


def percents(body, part="contents", key="content_id"):
    return {entry[key]: entry["completion_percentage"] for entry in body.get(part, [])}


def test_a_message_is_given_as_it_came_and_once():
    place = Mailbox()
    place.put("5-0", told(1, 10))
    assert place.take() == told(1, 10)
    assert place.message_id == "5-0"
    assert place.take() is None


def test_waiting_messages_merge_into_one_where_the_newest_of_each_item_wins():
    place = Mailbox()
    place.put("5-0", told(1, 10, contents=(1, 2)))
    place.put("6-0", told(2, 20, contents=(2, 3)))
    body = place.take()
    assert percents(body) == {1: 10, 2: 20, 3: 20}
    assert body["course"]["completion_percentage"] == 20
    assert place.message_id == "6-0"


def test_a_client_that_never_reads_costs_one_message():
    place = Mailbox()
    for number in range(1, 1001):
        place.put(f"{number}-0", told(number, number / 10, contents=(number % 5,)))
    assert len(place.take()["contents"]) == 5


def test_a_message_that_was_overtaken_moves_nothing_back():
    place = Mailbox()
    place.put("5-0", told(9, 90))
    assert place.take()
    place.put("6-0", told(8, 80, contents=(1, 2)))
    body = place.take()
    assert percents(body) == {2: 80}
    assert "course" not in body
    assert "modules" not in body


def test_an_overtaken_message_moves_nothing_back_while_the_newer_waits():
    place = Mailbox()
    place.put("5-0", told(9, 90))
    place.put("6-0", told(8, 80, contents=(1, 2)))
    assert percents(place.take()) == {1: 90, 2: 80}


def test_what_a_snapshot_tells_is_not_told_again_by_an_older_message():
    place = Mailbox()
    place.put("5-0", told(4, 40))
    place.know("6-0", told(5, 50))
    assert place.take() is None
    place.put("6-0", told(5, 50))
    assert place.take() is None
    place.put("7-0", told(6, 60))
    assert percents(place.take()) == {1: 60}


def test_message_ids_are_compared_as_numbers():
    place = Mailbox()
    place.put("9-9", told(1, 10))
    place.put("9-10", told(2, 20))
    assert place.message_id == "9-10"
    place.put("9-2", told(3, 30))
    assert percents(place.take()) == {1: 20}
