"""Results that can be drawn."""

from __future__ import annotations

import os
from typing import Any

from . import _core
from ._errors import Io, NotFound, invalid
from ._results import Result


class Drawn(Result):
    """An answer that shows itself as a figure in notebooks, and that :meth:`save` writes to a file."""

    _kind = ""

    def draw(
        self,
        format: str = "svg",
        *,
        view: str | None = None,
        theme: str = "light",
        width: float | None = None,
        dpi: float | None = None,
    ) -> bytes:
        """The figure as bytes.

        Parameters
        ----------
        format : str
            ``"svg"``, ``"png"`` or ``"pdf"``.
        view : str, optional
            One of :attr:`views`; default the first.
        theme : str
            ``"light"`` or ``"dark"``.
        width : float, optional
            Width on paper in millimetres; default what suits the figure.
        dpi : float, optional
            Resolution of PNG; default 300.
        """
        if width is not None and not 10 <= width <= 5000:
            raise invalid("width", f"expected millimetres from 10 to 5000, found {width}")
        return bytes(_core.draw(self._kind, self.to_json(), view, format, theme, width, dpi))

    @property
    def views(self) -> list[str]:
        """The names of the figures that there are of this answer."""
        return _core.views(self._kind, self.to_json())

    def save(self, path: str | os.PathLike[str], **options: Any) -> None:
        """Writes the figure to a file; its name ends in .svg, .png or .pdf. Options as in :meth:`draw`."""
        from pathlib import Path

        place = Path(path)
        data = self.draw(place.suffix.lstrip(".").lower(), **options)
        beside = place.with_name(place.name + ".part")
        try:
            beside.write_bytes(data)
            os.replace(beside, place)
        except FileNotFoundError as error:
            raise NotFound(f"{place}: {error.strerror}", {"file": str(place)}) from None
        except OSError as error:
            raise Io(f"{place}: {error.strerror}", {"file": str(place)}) from None

    def _repr_svg_(self) -> str:
        return self.draw("svg").decode()
