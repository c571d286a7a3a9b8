"""Many values at once: what the types or one pattern take whole is not looked at one by one. Asks no more and no less than the single ones do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final, TypeAlias

import msgspec

Certain: TypeAlias = Callable[[list[Any]], bool]
"""Whether it is certain that nothing is wrong with any of these values; False says nothing."""

FEW: Final = 64
"""So many are looked at together. One that is wrong costs a look at each of these, and a report is full after a number of them."""


def typed(type_: Any, is_valid: Callable[[Any], bool] | None = None) -> Certain:
    """Certain of values that are of a type of `model.py`, and valid as one."""

    def certain(values: list[Any]) -> bool:
        try:
            found = msgspec.convert(values, list_type)
        except (msgspec.ValidationError, RecursionError):
            return False
        return is_valid is None or all(map(is_valid, found))

    list_type = list[type_]
    return certain


def doubtful(values: Iterable[Any], certain: Certain) -> Iterator[tuple[int, Any]]:
    """Those, by index, that must be looked at one by one."""
    rest, begin = iter(values), 0
    while some := list(islice(rest, FEW)):
        if not certain(some):
            yield from enumerate(some, begin)
        begin += len(some)
