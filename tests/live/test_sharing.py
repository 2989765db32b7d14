"""One computation for all who wait for it, and none for nobody."""

import asyncio

from progress.live.sharing import Shared

KEY = (1, 2)


class Reading:
    """A computation in two steps, each when the test lets it: it waits, then it reads."""

    def __init__(self):
        self.may_read, self.may_end = asyncio.Event(), asyncio.Event()
        self.begun = self.ended = 0
        self.shared = Shared(self.compute)

    async def compute(self, key, flight):
        self.begun += 1
        number = self.begun
        await self.may_read.wait()
        flight.has_read = True
        await self.may_end.wait()
        self.ended += 1
        return number

    def wait(self, key=KEY):
        return asyncio.create_task(self.shared.get(key))


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


def test_all_who_come_before_it_reads_share_one():
    async def scenario():
        reading = Reading()
        waiting = [reading.wait() for _ in range(50)]
        await settle()
        reading.may_read.set()
        reading.may_end.set()
        assert await asyncio.gather(*waiting) == [1] * 50

    asyncio.run(scenario())


def test_who_comes_after_it_has_read_gets_the_next():
    async def scenario():
        reading = Reading()
        reading.may_read.set()
        first = reading.wait()
        await settle()
        reading.may_read.clear()
        others = [reading.wait() for _ in range(50)]
        await settle()
        reading.may_read.set()
        reading.may_end.set()
        assert await first == 1
        assert await asyncio.gather(*others) == [2] * 50

    asyncio.run(scenario())


def test_others_learners_are_others_computations():
    async def scenario():
        reading = Reading()
        reading.may_read.set()
        reading.may_end.set()
        assert await asyncio.gather(reading.wait((1, 2)), reading.wait((3, 2))) == [1, 2]

    asyncio.run(scenario())


def test_when_all_have_left_it_is_given_up_and_one_who_stays_is_enough():
    async def scenario():
        reading = Reading()
        waiting = [reading.wait() for _ in range(3)]
        await settle()
        for task in waiting:
            task.cancel()
        await settle()
        reading.may_read.set()
        reading.may_end.set()
        await settle()
        assert reading.ended == 0
        stays, leaves = reading.wait(), reading.wait()
        leaves.cancel()
        assert await stays == 2
        assert reading.ended == 1

    asyncio.run(scenario())
