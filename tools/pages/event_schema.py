"""JSON schema of the lines that `jem-tui train --json` writes, made from the event classes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.run import Event, Samples
from pages.event_classes import EventField, description, fields_of, written_events

NUMBER = {"$ref": "#/$defs/number"}
ARRAY = {"type": "array"}
SIMPLE = {str: {"type": "string"}, bool: {"type": "boolean"}, int: {"type": "integer"}, float: NUMBER, Any: {}}


def event_schema() -> str:
    """Return the schema as JSON."""
    kinds = written_events()
    number = {
        "description": "A number, or the name of a value that JSON cannot express.",
        "anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}],
    }
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of jem-tui train --json",
        "oneOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in kinds],
        "$defs": {"number": number, **{kind.__name__: object_schema(kind) for kind in kinds}},
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def object_schema(kind: type[Event]) -> dict[str, Any]:
    """Return the schema of the JSON object of one event class."""
    found = fields_of(kind)
    return {
        "description": description(kind),
        "type": "object",
        "properties": {"event": {"const": kind.__name__}, **{field.name: field_schema(kind, field) for field in found}},
        "required": ["event", *(field.name for field in found)],
        "additionalProperties": False,
    }


def field_schema(kind: type[Event], field: EventField) -> dict[str, Any]:
    """Return the schema of one field, with its meaning as the description."""
    if kind is Samples and field.name == "tiles":
        meaning = "The shape of the images: number, height, width, channels. The pixels are in the run folder."
        return {"description": meaning, **ARRAY, "items": SIMPLE[int], "minItems": 4, "maxItems": 4}
    described = {"description": " ".join(field.meaning.split())} if field.meaning else {}
    return {**described, **type_schema(field.kind)}


def type_schema(kind: Any) -> dict[str, Any]:
    """Return the schema of the JSON form of an annotation. Raises KeyError for one that no event has had so far."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (UnionType, Union) and all(get_origin(part) is Literal for part in arguments):
        return {"enum": [choice for part in arguments for choice in get_args(part)]}
    if origin in (UnionType, Union):
        return {"anyOf": [{"type": "null"} if part is NoneType else type_schema(part) for part in arguments]}
    if origin is np.ndarray or origin is NDArray:
        # NDArray[x] is an alias of its own from numpy 2.5 on, and ndarray[shape, dtype[x]] before
        number = arguments[0] if origin is NDArray else get_args(arguments[1])[0]
        return {**ARRAY, "items": NUMBER if issubclass(number, np.floating) else SIMPLE[int]}
    if origin is tuple and arguments[-1] is not Ellipsis:
        return {**ARRAY, "prefixItems": [*map(type_schema, arguments)], "minItems": len(arguments), "items": False}
    if origin in (tuple, frozenset):
        return {**ARRAY, "items": type_schema(arguments[0])}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": type_schema(arguments[1])}
    return SIMPLE[kind]
