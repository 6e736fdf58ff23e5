"""What users pass, as arrays of numbers of the right shape; refusals name the argument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Sequence

from ._numpy import np
from ._errors import invalid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

DIMENSIONS = {0: "a number", 1: "a vector", 2: "a matrix"}


def numbers(name: str, value: ArrayLike, dimensions: int, dtype: Any = "float64") -> NDArray[Any]:
    """``value`` as a contiguous array of finite numbers; it is never changed."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as error:
        raise invalid(name, f"expected an array of numbers ({error})") from None
    if array.dtype.kind not in "fiub" or array.dtype.itemsize > 16:
        raise invalid(name, f"expected real numbers, found an array of dtype {array.dtype}")
    if array.ndim != dimensions:
        raise invalid(name, f"expected {DIMENSIONS[dimensions]}, found shape {array.shape}")
    with np.errstate(over="ignore"):
        array = np.ascontiguousarray(array, dtype=dtype)
    if not np.isfinite(array).all():
        where = [int(i) for i in np.argwhere(~np.isfinite(array))[0]]
        found = array[tuple(where)]
        raise invalid(f"{name}{where}", f"expected finite numbers, found {found}")
    return array


def vector(name: str, value: ArrayLike, length: int | None = None, of: str = "") -> NDArray[Any]:
    """A vector, of ``length`` numbers if that is given."""
    array = numbers(name, value, 1)
    if length is not None and len(array) != length:
        raise invalid(name, f"expected {length} numbers{of}, found {len(array)}")
    return array


def matrix(name: str, value: ArrayLike, shape: tuple[int | None, int | None]) -> NDArray[Any]:
    """A matrix of ``shape``, where None is any size."""
    array = numbers(name, value, 2)
    if any(size is not None and size != found for size, found in zip(shape, array.shape)):
        wanted = " × ".join("any" if size is None else str(size) for size in shape)
        raise invalid(name, f"expected shape {wanted}, found {array.shape}")
    return array


def bounds(name: str, value: Any) -> tuple[float, float] | None:
    """(low, high) with low < high."""
    if value is None:
        return None
    low, high = vector(name, value, 2, " (low and high)").tolist()
    if low >= high:
        raise invalid(name, f"expected low < high, found ({low}, {high})")
    return low, high


def indices(name: str, value: Sequence[int], below: int) -> list[int]:
    """Different whole numbers from 0 to ``below`` − 1."""
    array = np.asarray(value)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise invalid(name, f"expected a list of whole numbers, found {value!r}")
    found = [int(index) for index in array]
    for k, index in enumerate(found):
        if not 0 <= index < below:
            raise invalid(f"{name}[{k}]", f"expected an index from 0 to {below - 1}, found {index}")
    if len(set(found)) != len(found):
        raise invalid(name, f"expected each index once, found {found}")
    if not found:
        raise invalid(name, "expected at least one index")
    return found


def choice(name: str, value: Any) -> str:
    """A name."""
    if not isinstance(value, str):
        raise invalid(name, f"expected a name, found {value!r}")
    return value


def series(name: str, value: Any) -> list[Any]:
    """A list of arrays."""
    if isinstance(value, (str, bytes, dict)) or not hasattr(value, "__iter__"):
        raise invalid(name, f"expected a list of arrays, found {type(value).__name__}")
    return list(value)


def result(name: str, value: Any) -> NDArray[Any]:
    """What a user's function returned, as an array of doubles (called by the native half)."""
    for step in ("detach", "cpu"):
        value = getattr(value, step)() if hasattr(value, step) else value
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as error:
        raise invalid(name, f"expected an array of numbers ({error})") from None
    if array.dtype.kind not in "fiub":
        raise invalid(name, f"expected real numbers, found an array of dtype {array.dtype}")
    return np.ascontiguousarray(array, dtype=np.float64)
