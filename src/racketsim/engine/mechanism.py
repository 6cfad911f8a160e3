"""What a mechanism is: the variables it writes and reads, the draws it makes, the events it emits, and its step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np

from racketsim.city.city import City
from racketsim.engine.log import EventLog
from racketsim.engine.streams import Stream
from racketsim.mechanisms.parameters import Parameters as _Parameters

Array = np.ndarray[Any, Any]


class Variable(NamedTuple):
    """One variable of the state: its dimensions (see `City.sizes`), type, unit and meaning."""

    dims: tuple[str, ...]
    dtype: str
    unit: str
    meaning: str


class Switch(NamedTuple):
    """What it means that an element is off in a mechanism.

    With `rests` the mechanism's step is left out, and its variables stay as they were prepared; without it the
    mechanism looks at `self.off` where it must.
    """

    meaning: str
    rests: bool = True


class Variables:
    """The variables that one mechanism may touch, as attributes: its own, and read-only views of what it reads."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self.__dict__.update(arrays)

    def __getattr__(self, name: str) -> Array:
        raise AttributeError(f"variable '{name}' is not declared in the mechanism's reads or writes")

    def __setattr__(self, name: str, value: Array) -> None:
        """Allow `v.name += x`, which works in place; refuse `v.name = x`, which would part from the state."""
        if self.__dict__.get(name) is not value:
            raise AttributeError(f"variable '{name}' is part of the state: write into it, as in v.{name}[:] = ...")


class Mechanism(ABC):
    """Base of all mechanisms. A subclass declares what it touches; the plan enforces it.

    Every variable has exactly one writer, the mechanism that declares it in `writes`. `prepare` fills the variables at
    the start of a run; `step` advances them by one day. Both see only what is declared, and the
    variables of others read-only. `switches` names the elements that a run can be without (`Sim(without=...)`).
    """

    name: ClassVar[str]
    elements: ClassVar[tuple[str, ...]]
    summary: ClassVar[str]
    reads: ClassVar[tuple[str, ...]] = ()
    writes: ClassVar[Mapping[str, Variable]] = {}
    draws: ClassVar[tuple[Stream, ...]] = ()
    emits: ClassVar[tuple[str, ...]] = ()
    switches: ClassVar[Mapping[str, Switch]] = {}
    Parameters: ClassVar[type[_Parameters]] = _Parameters

    def __init__(self, city: City, parameters: _Parameters, log: EventLog, off: Collection[str] = frozenset()) -> None:
        self.city = city
        self.log = log
        self.off = frozenset(off)
        self.seed = np.uint64(city.seed)
        self.v = Variables({})
        self.accept(parameters)

    @property
    def rests(self) -> bool:
        """Whether an element is off without which the mechanism does nothing: then its step is left out."""
        return any(switch.rests and element in self.off for element, switch in self.switches.items())

    def accept(self, parameters: Any) -> None:  # noqa: B027 - most mechanisms, but not all, have parameters
        """Take the checked parameters; a subclass with parameters of its own narrows the type."""

    def prepare(self) -> None:  # noqa: B027 - zeros are right for many
        """Fill the variables of `writes` for the first day (they are zero before)."""

    @abstractmethod
    def step(self, day: int) -> None:
        """Advance by the day `day`, counted from the start of the scenario."""
