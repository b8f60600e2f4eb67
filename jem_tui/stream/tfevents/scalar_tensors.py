"""Decoding of scalars that are stored as tensors."""

from __future__ import annotations

import numpy as np
from tensorboard.compat.proto import tensor_pb2, types_pb2

_DTYPES = {
    types_pb2.DT_FLOAT: "<f4",
    types_pb2.DT_DOUBLE: "<f8",
    types_pb2.DT_HALF: "<f2",
    types_pb2.DT_INT8: "<i1",
    types_pb2.DT_INT16: "<i2",
    types_pb2.DT_INT32: "<i4",
    types_pb2.DT_INT64: "<i8",
    types_pb2.DT_UINT8: "<u1",
    types_pb2.DT_UINT16: "<u2",
    types_pb2.DT_UINT32: "<u4",
    types_pb2.DT_UINT64: "<u8",
    types_pb2.DT_BOOL: "?",
}
_HALVES = (types_pb2.DT_HALF, types_pb2.DT_BFLOAT16)


def number_of(tensor: tensor_pb2.TensorProto) -> float:
    """Return the value of a scalar tensor. Raises ValueError for any other tensor."""
    if tensor.tensor_content:
        return _of_bytes(tensor.tensor_content, tensor.dtype)
    if tensor.dtype in _HALVES:
        return _of_bytes(np.array(tensor.half_val, "<u2").tobytes(), tensor.dtype)
    fields = (tensor.float_val, tensor.double_val, tensor.int_val, tensor.int64_val, tensor.bool_val)
    for values in (*fields, tensor.uint32_val, tensor.uint64_val):
        if len(values) == 1:
            return float(values[0])
    raise ValueError(f"no scalar, but a tensor of TensorBoard's type {tensor.dtype}")


def _of_bytes(content: bytes, kind: int) -> float:
    if kind == types_pb2.DT_BFLOAT16:
        return float((np.frombuffer(content, "<u2").astype(np.uint32) << np.uint32(16)).view(np.float32).item())
    if kind not in _DTYPES:
        raise ValueError(f"a scalar of TensorBoard's type {kind}")
    return float(np.frombuffer(content, _DTYPES[kind]).item())
