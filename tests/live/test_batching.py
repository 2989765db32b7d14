"""One computation for everyone who waits for it, and none when no one does."""

import asyncio

import pytest

from progress.live import batching
from progress.live.batching import Batches

KEY = (1, 2)


class Reading:
    """A computation that ends when the test allows it and returns the number of its batch."""

    def __init__(self):
        self.may_end = asyncio.Event()
        self.begun: list[list] = []
        self.batches = Batches(self.compute)

    async def compute(self, keys):
        self.begun.append(list(keys))
        number = len(self.begun)
        await self.may_end.wait()
        if "bad" in keys:
            raise ValueError("a fault")
        return {key: number for key in keys if key != "gone"}

    def wait(self, key=KEY):
        return asyncio.create_task(self.batches.get(key))

    async def keep_busy(self):
        """Starts batches for other keys, so that the next question waits for a later batch."""
        others = []
        for number in range(batching.AT_ONCE):
            others.append(self.wait(("other", number)))
            await settle()
        assert len(self.begun) == batching.AT_ONCE
        return others


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def run():
    def run(scenario):
        async def scenes():
            reading = Reading()
            await asyncio.wait_for(scenario(reading), 10)

        asyncio.run(scenes())

    return run


def test_all_who_wait_for_a_key_share_one_computation(run):
    async def scenario(reading):
        await reading.keep_busy()
        waiting = [reading.wait() for _ in range(50)]
        await settle()
        reading.may_end.set()
        assert len(set(await asyncio.gather(*waiting))) == 1
        assert reading.begun[batching.AT_ONCE :] == [[KEY]]

    run(scenario)


def test_who_asks_while_a_key_is_computed_gets_a_newer_answer(run):
    async def scenario(reading):
        first = reading.wait()
        await settle()
        others = [reading.wait() for _ in range(50)]
        await settle()
        reading.may_end.set()
        assert await first == 1
        assert await asyncio.gather(*others) == [2] * 50

    run(scenario)


def test_different_keys_are_computed_together_up_to_a_limit(run):
    async def scenario(reading):
        await reading.keep_busy()
        keys = [(number, 2) for number in range(batching.MAX_KEYS + 3)]
        waiting = [reading.wait(key) for key in keys]
        await settle()
        reading.may_end.set()
        await asyncio.gather(*waiting)
        assert sorted(reading.begun[batching.AT_ONCE :], key=len) == [keys[-3:], keys[:-3]]

    run(scenario)


def test_what_nobody_waits_for_any_more_is_not_computed(run):
    async def scenario(reading):
        await reading.keep_busy()
        leaving = [reading.wait((1, 1)) for _ in range(3)]
        stays, leaves = reading.wait(), reading.wait()
        await settle()
        for task in [*leaving, leaves]:
            task.cancel()
        await settle()
        reading.may_end.set()
        assert await stays == batching.AT_ONCE + 1
        assert reading.begun[batching.AT_ONCE :] == [[KEY]]

    run(scenario)


def test_a_key_without_an_answer_is_answered_with_none(run):
    async def scenario(reading):
        reading.may_end.set()
        assert await reading.wait("gone") is None

    run(scenario)


def test_a_fault_reaches_all_of_its_batch_and_no_other(run):
    async def scenario(reading):
        await reading.keep_busy()
        batch = [reading.wait("bad"), reading.wait("good")]
        await settle()
        reading.may_end.set()
        for each in batch:
            with pytest.raises(ValueError, match="a fault"):
                await each
        assert await reading.wait("good") > 0

    run(scenario)
