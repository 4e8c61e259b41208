"""Fixtures that every part shares: an empty store, and a tiny BERT of random weights."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# examples are as slow as the machine is busy
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
os.environ["HF_HUB_OFFLINE"] = "1"
# before torch is imported, servers and workers included: on tiny models threads wait for each other
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than the cores: some tests only wait, for a lost machine or a browser."""
    return min(4, (os.cpu_count() or 1) + 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits longest comes first: the end of a run shall not be one worker that waits alone."""
    items.sort(key=lambda item: item.path.name not in WAITING)


WAITING = ("test_remote.py", "test_cluster.py", "test_first_start.py", "test_new_run.py")
WORDS = (
    "the a sea sky sun moon boat bird tree hill river stone fire wind rain snow day night "
    "blue green red white dark old new small big long is was sails sings falls rises over under "
    "by in on and or not very quite most best world city house road . , ? !"
).split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@pytest.fixture(autouse=True)
def private_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test can touch the store of the person who runs it."""
    folder = tmp_path / "default-store"
    monkeypatch.setenv("STEPSCOPE_STORE", str(folder))
    return folder


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """AppTest leaves its script behind as `__main__`; a spawned process would run it again."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a BertForMaskedLM with random weights and a vocabulary of 60 words."""
    import torch
    from transformers import BertConfig, BertForMaskedLM, BertTokenizer

    folder = tmp_path_factory.mktemp("tiny-bert")
    vocabulary = SPECIAL + WORDS + ["##s", "##ly"]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    BertTokenizer.from_pretrained(folder).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=40,
        initializer_range=0.4,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertForMaskedLM(config).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="session")
def tiny_uniform(tiny_bert: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same BERT as a denoiser of the uniform kernel: noise is any of the 60 words."""
    folder = tmp_path_factory.mktemp("tiny") / "uniform"
    shutil.copytree(tiny_bert, folder)
    facts = {"kernel": "uniform", "schedule": "linear", "first_word": len(SPECIAL)}
    (folder / "diffusion.json").write_text(json.dumps(facts | {"words": len(WORDS)}))
    return str(folder)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[object]:
    """An empty store of its own."""
    from cache.store import Store

    with Store.open(tmp_path / "store") as opened:
        yield opened


@pytest.fixture(scope="session")
def tiny_sd(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a StableDiffusionPipeline of random weights; 32 px pictures."""
    from tests.tiny_pipelines import save_stable_diffusion

    folder = tmp_path_factory.mktemp("tiny-sd")
    save_stable_diffusion(folder)
    return str(folder)


@pytest.fixture(scope="session")
def tiny_sdxl(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of an SDXL pipeline of random weights; 32 px pictures."""
    from tests.tiny_pipelines import save_stable_diffusion_xl

    folder = tmp_path_factory.mktemp("tiny-sdxl")
    save_stable_diffusion_xl(folder)
    return str(folder)


@pytest.fixture(scope="session")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a CLIPModel of random weights; 32 px pictures."""
    from tests.tiny_pipelines import save_clip

    folder = tmp_path_factory.mktemp("tiny-clip")
    save_clip(folder)
    return str(folder)
