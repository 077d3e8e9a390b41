"""What a maker's own client can be asked to send, or gets, read from its types: one field at a time."""

import inspect
import itertools
import types
import typing
from collections.abc import Iterator
from typing import Any, NamedTuple

import typing_extensions

DEPTH_MAX = 7  # objects within each other; deeper ones are parts of what has been seen
WRAPPERS = {
    getattr(module, name) for module in (typing, typing_extensions) for name in ("Required", "NotRequired")
}
OPAQUE = "abc"  # a text, and another one
OTHER = {OPAQUE: "abd", 7: 8, 0.5: 0.25}


class Case(NamedTuple):
    name: str  # messages[].content[]<image>.source<url>.url
    value: Any  # of what the case is about, with the field
    plain: Any  # the same without it, or with another value; None: there is nothing without it


def is_object(hint) -> bool:
    """What is sent is a typed dictionary, what comes a model of pydantic."""
    return inspect.isclass(hint) and (typing_extensions.is_typeddict(hint) or hasattr(hint, "model_fields"))


def is_list(hint) -> bool:
    return any(word in str(typing.get_origin(hint)) for word in ("list", "Sequence", "Iterable"))


def alternatives(hint) -> list:
    """What a union offers, but for None."""
    origin = typing.get_origin(hint)
    if origin in WRAPPERS or origin is typing.Annotated:
        return alternatives(typing.get_args(hint)[0])
    if origin is typing.Union or isinstance(hint, types.UnionType):
        return list(itertools.chain(*(alternatives(one) for one in typing.get_args(hint))))
    return [] if hint is type(None) else [hint]


def members(hint) -> dict[str, tuple[Any, bool]]:
    """The members of an object: of which type each is, and whether it has to be there."""
    if hasattr(hint, "model_fields"):
        fields = hint.model_fields.items()
        return {one.alias or name: (one.annotation, one.is_required()) for name, one in fields}
    found = {}
    for name, one in typing_extensions.get_type_hints(hint, include_extras=True).items():
        while typing.get_origin(one) is typing.Annotated:
            one = typing.get_args(one)[0]
        wrapper = str(typing.get_origin(one)).rpartition(".")[2]
        found[name] = (one, wrapper == "Required" or (hint.__total__ and wrapper != "NotRequired"))
    return found


def smallest(hint) -> Any:
    """The first alternative, with no more than it must have."""
    one = alternatives(hint)[0]
    arguments = typing.get_args(one)
    if is_object(one):
        return {name: smallest(of) for name, (of, needed) in members(one).items() if needed}
    if typing.get_origin(one) in (typing.Literal, typing_extensions.Literal):
        return arguments[0]
    if is_list(one):
        return [smallest(arguments[0])]
    if typing.get_origin(one) is dict:
        return {"a": smallest(arguments[1])}
    return {bool: True, int: 7, float: 0.5, object: {"a": 1}}.get(one, OPAQUE)


def cases(hint, name: str = "", within: tuple = ()) -> Iterator[Case]:
    """Each value that is worth telling apart."""
    offered = alternatives(hint)
    for one in offered:
        arguments = typing.get_args(one)
        if is_object(one):
            if one not in within and len(within) < DEPTH_MAX:
                yield from object_cases(one, name, within, several=len(offered) > 1)
        elif typing.get_origin(one) in (typing.Literal, typing_extensions.Literal):
            yield from (Case(f"{name}={value}", value, None) for value in arguments)
        elif one is bool:
            yield from (Case(f"{name}={value}".lower(), value, None) for value in (True, False))
        elif is_list(one):
            for case in cases(arguments[0], name + "[]", within):
                yield Case(case.name, [case.value], None if case.plain is None else [case.plain])
        else:
            yield Case(name, smallest(one), None)


def object_cases(hint, name: str, within: tuple, several: bool) -> Iterator[Case]:
    base = smallest(hint)
    kind = base.get("type") or base.get("role")
    if several and kind:
        name = f"{name}<{kind}>"
    if several:
        yield Case(name, base, None)
    for member, (of, needed) in members(hint).items():
        rest = {key: value for key, value in base.items() if key != member}
        for case in cases(of, f"{name}.{member}".lstrip("."), (*within, hint)):
            plain = rest
            if case.plain is not None:
                plain = {**rest, member: case.plain}
            elif needed:
                plain = {**rest, member: another(case.value, base[member])}
            yield Case(case.name, {**rest, member: case.value}, plain)


def another(value: Any, smallest_value: Any) -> Any:
    return OTHER.get(value, smallest_value) if isinstance(value, (str, int, float)) else smallest_value
