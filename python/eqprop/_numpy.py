"""NumPy, imported when it is first needed: `import eqprop` is quick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
else:

    class _Numpy:
        def __getattr__(self, name: str) -> Any:
            import numpy

            value = getattr(numpy, name)
            self.__dict__[name] = value
            return value

    np = _Numpy()

__all__ = ["np"]
