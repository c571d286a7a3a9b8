"""Writes into the legacy index what it lacks, as the legacy consumer does: completed, and posted to the LRS.

The LRS does not change a statement that it has (409). An altered document is therefore deleted, in the version that was looked at, and
posted again; a kill between the two leaves it missing, and the next repair posts it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from elasticsearch import AsyncElasticsearch, ConflictError, NotFoundError

from nljctl.errors import UnreachableError
from nljctl.judge import document_digests
from nljctl.judgement import Origin
from nljctl.migration.repair.content import Content, present
from nljctl.migration.repair.decide import Action, Item, Status, Wanted, decide, impossible
from nljctl.migration.repair.need import Need
from nljctl.pipelines.legacy import statement as statements
from nljctl.pipelines.legacy.backfill import ARRAY_BYTES
from nljctl.pipelines.legacy.ralph import NAME, Answer, Kind, Ralph
from nljctl.pipelines.legacy.routes import INTENDED
from nljctl.pipelines.legacy.sender import Letter, Prepared, prepare

THERE = (Kind.STORED, Kind.DUPLICATE)


class LegacyLrs:
    """The legacy index, behind its LRS, as what a repair writes to."""

    def __init__(self, client: AsyncElasticsearch, index: str, ralph: Ralph) -> None:
        self._client = client
        self._index = index
        self._ralph = ralph

    async def look(self, needs: Sequence[Need], contents: Mapping[int, Content], missing: str) -> list[Item]:
        """What would be done about each; writes nothing."""
        prepared = {n: _prepare(needs[n], content) for n, content in contents.items()}
        held = await present(self._client, self._index, [one.letter.id for one in prepared.values() if one.letter])
        items = []
        for n, need in enumerate(needs):
            one = prepared.get(n)
            if one is None:
                items.append(impossible(need, missing))
            elif one.letter is None:
                items.append(impossible(need, f"legacy does not send it: {one.outcome.reason if one.outcome else ''}"))
            else:
                items.append(decide(need, one.letter.id, _wanted(one.letter), held.get(one.letter.id)))
        return items

    async def act(self, items: Sequence[Item], needs: Sequence[Need], contents: Mapping[int, Content]) -> list[Item]:
        """Does what is planned.

        Raises:
            UnreachableError: the LRS does not answer.
        """
        done = list(items)
        removed = False
        for n, item in enumerate(items):
            if item.status is Status.PLANNED and item.action is Action.OVERWRITE:
                problem = await self._delete(item)
                removed = True
                if problem:
                    done[n] = item.failed(problem)
        if removed:  # the LRS looks an id up by a search
            await self._client.indices.refresh(index=self._index)
        posting = [n for n, item in enumerate(done) if item.status is Status.PLANNED]
        letters = {n: letter for n in posting if (letter := _prepare(needs[n], contents[n]).letter) is not None}
        for n, answer in (await self._post(letters)).items():
            words = ": ".join(word for word in (answer.reason, answer.rule, answer.detail) if word)
            done[n] = done[n].done() if answer.kind in THERE else done[n].failed(f"{answer.kind.value}: {words}")
        return done

    async def _delete(self, item: Item) -> str:
        assert item.present is not None
        try:
            await self._client.delete(index=self._index, id=item.id or "", if_seq_no=item.present.seq_no, if_primary_term=item.present.primary_term)
        except ConflictError:
            return "somebody else wrote it meanwhile; repair again"
        except NotFoundError:
            return ""
        return ""

    async def _post(self, letters: Mapping[int, Letter]) -> dict[int, Answer]:
        """In arrays; one by one where the LRS does not take an array."""
        answers: dict[int, Answer] = {}
        for array in _arrays(letters):
            answer = await self._ralph.post(b"[" + b",".join(letters[n].body for n in array) + b"]")
            for n in array:
                answers[n] = answer if answer.kind in THERE else await self._post_alone(letters[n])
        return answers

    async def _post_alone(self, letter: Letter) -> Answer:
        answer = await self._ralph.post(letter.body)
        if answer.kind is Kind.FAILED and (trouble := await self._ralph.heartbeat()):
            raise UnreachableError(
                f"{NAME} does not answer: {trouble}", "Start it (`nljctl up --profile analytics`) and repair again.", code="ralph-unreachable"
            )
        return answer


def _arrays(letters: Mapping[int, Letter]) -> Iterator[list[int]]:
    array: list[int] = []
    size = 0
    for n, letter in letters.items():
        if array and size + len(letter.body) > ARRAY_BYTES:
            yield array
            array, size = [], 0
        array.append(n)
        size += len(letter.body)
    if array:
        yield array


def _prepare(need: Need, content: Content) -> Prepared:
    origin = Origin("", -1, -1, 0) if need.tp is None else Origin(need.tp.topic, need.tp.partition, need.offset, content.timestamp or need.timestamp)
    return prepare(INTENDED, content.value, origin, datetime.now(UTC))


def _wanted(letter: Letter) -> Wanted:
    sent = statements.read(letter.body)
    assert isinstance(sent, dict)
    digests = document_digests(sent)
    return Wanted(digests.digest, digests.content_digest, letter.timestamp_given)
