"""Where judgements are stored. No torch."""

from __future__ import annotations

from cache import keys
from engine.chain.keys import Chain, Facts, chain_of
from engine.judge.spec import JudgeSpec


def judge_chain(spec: JudgeSpec, fingerprint: str) -> Chain:
    """The chain of a set of judgements: a start and no steps."""
    return chain_of("judge", spec.facts(), judge_facts(spec, fingerprint))


def judge_facts(spec: JudgeSpec, fingerprint: str) -> list[Facts]:
    """What the one key of a set is made of."""
    return [{"model": fingerprint, "texts": spec.texts}]


def judge_work(spec: JudgeSpec, fingerprint: str, chain: Chain) -> tuple[str, ...]:
    """The keys whose presence is its progress: every text, and last the set."""
    each = (judgement_key(fingerprint, text) for text in dict.fromkeys(spec.texts))
    return (*each, *chain.step_keys)


def judgement_key(fingerprint: str, text: str) -> str:
    """Where what a model thinks of one text is stored."""
    return "judged:" + keys.key("judged", {"model": fingerprint, "text": text})
