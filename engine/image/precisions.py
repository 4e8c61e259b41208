"""Which precision ``auto`` means on this machine, the same for the command line and the pages.

No torch: its build is read from its files, for importing it takes seconds and hundreds of MB.
"""

from __future__ import annotations

import importlib.util
import os
import re
from functools import lru_cache
from pathlib import Path

from engine.image.spec import Precision

DRIVER = Path("/proc/driver/nvidia/version")


def auto_precision() -> Precision:
    """float16 where an NVIDIA driver, a visible card and a torch for CUDA are, else float32."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "all").strip() in ("", "-1")
    return "float16" if DRIVER.exists() and not hidden and _torch_is_for_cuda() else "float32"


@lru_cache(maxsize=1)
def _torch_is_for_cuda() -> bool:
    torch_spec = importlib.util.find_spec("torch")
    if torch_spec is None or torch_spec.origin is None:
        return False
    try:
        text = (Path(torch_spec.origin).parent / "version.py").read_text(encoding="utf-8")
    except OSError:
        return False
    return re.search(r"^cuda\b[^=\n]*=\s*['\"]\d", text, re.MULTILINE) is not None
