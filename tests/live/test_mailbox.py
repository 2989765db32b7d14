from progress.live.mailbox import Mailbox


def message(events, percent, contents=(1,)):
    return {
        "contents": [{"content_id": id, "completion_percentage": percent} for id in contents],
        "modules": [{"module_id": 7, "completion_percentage": percent}],
        "course": {"course_id": 3, "completion_percentage": percent, "event_count": events},
        "certificate": None,
    }


def percents(body, part="contents", key="content_id"):
    return {entry[key]: entry["completion_percentage"] for entry in body.get(part, [])}


def test_a_message_is_given_as_it_came_and_once():
    mailbox = Mailbox()
    mailbox.put("5-0", message(1, 10))
    assert mailbox.take() == message(1, 10)
    assert mailbox.message_id == "5-0"
    assert mailbox.take() is None


def test_waiting_messages_merge_into_one_where_the_newest_of_each_item_wins():
    mailbox = Mailbox()
    mailbox.put("5-0", message(1, 10, contents=(1, 2)))
    mailbox.put("6-0", message(2, 20, contents=(2, 3)))
    body = mailbox.take()
    assert percents(body) == {1: 10, 2: 20, 3: 20}
    assert body["course"]["completion_percentage"] == 20
    assert mailbox.message_id == "6-0"


def test_a_client_that_never_reads_costs_one_message():
    mailbox = Mailbox()
    for number in range(1, 1001):
        mailbox.put(f"{number}-0", message(number, number / 10, contents=(number % 5,)))
    assert len(mailbox.take()["contents"]) == 5


def test_a_message_that_was_overtaken_moves_nothing_back():
    mailbox = Mailbox()
    mailbox.put("5-0", message(9, 90))
    assert mailbox.take()
    mailbox.put("6-0", message(8, 80, contents=(1, 2)))
    body = mailbox.take()
    assert percents(body) == {2: 80}
    assert "course" not in body
    assert "modules" not in body


def test_an_overtaken_message_moves_nothing_back_while_the_newer_waits():
    mailbox = Mailbox()
    mailbox.put("5-0", message(9, 90))
    mailbox.put("6-0", message(8, 80, contents=(1, 2)))
    assert percents(mailbox.take()) == {1: 90, 2: 80}


def test_what_a_snapshot_showed_is_not_sent_again_by_an_older_message():
    mailbox = Mailbox()
    mailbox.put("5-0", message(4, 40))
    mailbox.mark_sent("6-0", message(5, 50))
    assert mailbox.take() is None
    mailbox.put("6-0", message(5, 50))
    assert mailbox.take() is None
    mailbox.put("7-0", message(6, 60))
    assert percents(mailbox.take()) == {1: 60}


def test_message_ids_are_compared_as_numbers():
    mailbox = Mailbox()
    mailbox.put("9-9", message(1, 10))
    mailbox.put("9-10", message(2, 20))
    assert mailbox.message_id == "9-10"
    mailbox.put("9-2", message(3, 30))
    assert percents(mailbox.take()) == {1: 20}
