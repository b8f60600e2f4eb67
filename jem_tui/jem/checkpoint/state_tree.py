"""Conversion of a nested state to JSON and a dictionary of tensors, and back. Reading executes no code; a tree can only name tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from jem_tui.jem.checkpoint.state_parts import KeyPath, Part, part_at

CHANNELS_LAST = "channels_last"
Tensors = dict[str, tuple[Part, Tensor]]
"""Tensors of a state with their parts, by their names."""
Find = Callable[[Part, str], Tensor | None]
"""Returns a tensor by its part and its name, or None if it belongs to another rank."""


def to_tree(state: Any, tensors: Tensors, path: KeyPath = ()) -> Any:
    """Return a state as JSON-compatible values, and add its tensors to `tensors`. Raises TypeError for values that JSON cannot hold.

    A mapping becomes `{"map": [[key, value], …]}`, because keys may be integers, a tuple `{"tuple": […]}`, a number that is not finite
    `{"float": "inf"}`, and a tensor the name of its part with its own name, such as `{"chains": "learner.population.buffer.x"}`.
    """
    if isinstance(state, Tensor):
        return _node(state, tensors, path)
    if isinstance(state, Mapping):
        return {"map": [[_key(key), to_tree(value, tensors, (*path, key))] for key, value in state.items()]}
    if isinstance(state, list | tuple):
        values = [to_tree(value, tensors, (*path, number)) for number, value in enumerate(state)]
        return values if isinstance(state, list) else {"tuple": values}
    if isinstance(state, float) and not math.isfinite(state):
        return {"float": str(state)}
    if state is None or isinstance(state, bool | int | float | str):
        return state
    raise TypeError(f"the state has a value of type {type(state).__name__} at {'.'.join(map(str, path))}")


def from_tree(tree: Any, find: Find) -> Any:
    """Return the state of a tree. Raises ValueError or a LookupError for a tree that `to_tree` does not write.

    Entries of mappings whose tensor belongs to another rank are left out.
    """
    if isinstance(tree, list):
        return [from_tree(value, find) for value in tree]
    if not isinstance(tree, dict):
        return tree
    match tree:
        case {"map": list(entries)} if len(tree) == 1:
            return dict(_entries(entries, find))
        case {"tuple": list(values)} if len(tree) == 1:
            return tuple(from_tree(value, find) for value in values)
        case {"float": "nan" | "inf" | "-inf" as number} if len(tree) == 1:
            return float(number)
    tensor = _tensor(tree, find)
    if tensor is None:
        raise LookupError("a tensor of another rank is not an entry of a mapping")
    return tensor


def _node(tensor: Tensor, tensors: Tensors, path: KeyPath) -> dict[str, str]:
    part, name = part_at(path), ".".join(map(str, path))
    while name in tensors:
        name += "_"
    tensors[name] = part, tensor
    last = tensor.ndim == 4 and not tensor.is_contiguous()
    if last and tensor.is_contiguous(memory_format=torch.channels_last):
        return {part: name, "layout": CHANNELS_LAST}
    return {part: name}


def _entries(entries: list[Any], find: Find) -> Iterator[tuple[str | int, Any]]:
    for entry in entries:
        key, value = entry
        is_tensor = isinstance(value, dict) and not {"map", "tuple", "float"} & value.keys()
        restored = _tensor(value, find) if is_tensor else from_tree(value, find)
        if not is_tensor or restored is not None:
            yield _key(key), restored


def _tensor(node: dict[str, Any], find: Find) -> Tensor | None:
    match node:
        case {"chains": str(name)} | {"own": str(name)} | {"equal": str(name)} if len(node) == 1 + ("layout" in node):
            part: Part = "chains" if "chains" in node else "own" if "own" in node else "equal"
            tensor = find(part, name)
        case _:
            raise ValueError("the tree has an entry of an unknown kind")
    layout = node.get("layout")
    if layout not in (None, CHANNELS_LAST):
        raise ValueError("the tree has a tensor of an unknown layout")
    return tensor.contiguous(memory_format=torch.channels_last) if tensor is not None and layout else tensor


def _key(key: Any) -> str | int:
    if isinstance(key, bool) or not isinstance(key, str | int):
        raise TypeError(f"the state has a key of type {type(key).__name__}")
    return key
