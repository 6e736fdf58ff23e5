"""Renders examples/notebooks into pages of the handbook: python docs/render_notebooks.py [EQPROP]

Every cell is run by a Python that has the package eqprop. What it prints stands below it, and
pictures are drawn by the program EQPROP (default: target/release/eqprop) into plots/notebooks.
"""

import ast
import contextlib
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
EQPROP = sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/release/eqprop"


def shown(value, picture):
    """The text of a cell's last value, or the link to its picture."""
    if hasattr(value, "_repr_png_") or hasattr(value, "_repr_svg_"):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(value.to_json())
            file.flush()
            command = [EQPROP, "plot", file.name, "--out", picture, "--dpi", "130", "--force"]
            if subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0:
                return f"\n![What the cell above shows](../{picture.relative_to(ROOT)})\n"
    return f"\n```text\n{value!r}\n```\n"


def run(source, names, picture):
    """What a cell prints, and its last value."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    value = None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    text = printed.getvalue()
    out = f"\n```text\n{text}```\n" if text else ""
    return out + (shown(value, picture) if value is not None else "")


def page(path):
    name = path.stem
    parts = []
    names = {}
    for number, cell in enumerate(json.loads(path.read_text())["cells"]):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            # formulas are written as GitHub renders them in files
            parts.append(re.sub(r"\$\$(.*?)\$\$", r"```math\n\1\n```", source, flags=re.S) + "\n")
            continue
        picture = ROOT / "plots/notebooks" / f"{name}_{number}.png"
        parts.append(f"```python\n{source}\n```\n" + run(source, names, picture))
    link = f"../examples/notebooks/{path.name}"
    parts.append(f"*This page shows [a notebook]({link}) with its results.*\n")
    return "\n".join(parts)


def main():
    (ROOT / "plots/notebooks").mkdir(exist_ok=True)
    for path in sorted((ROOT / "examples/notebooks").glob("*.ipynb")):
        (ROOT / "docs" / f"notebook_{path.stem}.md").write_text(page(path))


main()
