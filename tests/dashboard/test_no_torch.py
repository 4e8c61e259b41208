import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = "dashboard.app_pages"


def test_no_dashboard_module_loads_torch():
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / "dashboard").rglob("*.py"))
        if path.name not in ("__init__.py", "app.py", "page.py")  # those run when imported
    ]
    assert len(modules) > 10
    code = (
        f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
        "heavy = ('torch', 'transformers', 'diffusers', 'accelerate')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "[]"
