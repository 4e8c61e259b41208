"""The classic unmasking recipe as a plain loop, written apart from the engine to judge it by."""

import torch


@torch.no_grad()
def unmask(model, ids, *, mask_id, steps, temperature, top_k, seed):
    """Ids [1, L] with [MASK]s to (final ids [L], one (positions, tokens, confidences) a step)."""
    ids = ids.clone()
    generator = torch.Generator().manual_seed(seed)
    trace = []
    for s in range(steps):
        masked = (ids[0] == mask_id).nonzero()[:, 0]
        m = len(masked)
        if m == 0:
            break
        probabilities = torch.softmax(model(input_ids=ids).logits[0, masked] / temperature, dim=-1)
        if top_k is None:
            confidence, tokens = probabilities.max(dim=-1)
        else:
            best, candidates = probabilities.topk(top_k, dim=-1)
            best = best / best.sum(dim=-1, keepdim=True)
            drawn = torch.multinomial(best, 1, generator=generator)
            confidence = best.gather(1, drawn)[:, 0]
            tokens = candidates.gather(1, drawn)[:, 0]
        n = max(1, m // (steps - s))
        chosen = torch.argsort(confidence, descending=True, stable=True)[:n]
        ids[0, masked[chosen]] = tokens[chosen]
        trace.append(
            (
                (masked[chosen] - 1).tolist(),
                tokens[chosen].tolist(),
                confidence[chosen].tolist(),
            )
        )
    return ids[0], trace
