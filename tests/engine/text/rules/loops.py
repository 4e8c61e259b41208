"""Every rule as a plain loop over the raw model, written apart from the engine to judge it by.

Positions count from 0 at the first content token. A trace has, for each model call,
(revealed positions, taken back positions), both ascending.
"""

import math

import torch


def mask_chance(schedule, t):
    if t <= 0 or t >= 1:
        return float(t >= 1)
    return {
        "linear": t,
        "cosine": 1 - (1 - math.cos(math.pi / 2 * (1 - t))),
        "geometric": 1 - math.exp(-(1e-5 ** (1 - t)) * 20**t),
    }[schedule]


def held(probability, *, top_k, top_p, gumbel, generator):
    """(token, its probability of those it was drawn from) for each row of [m, V]."""
    if top_k is None and top_p is None and not gumbel:
        confidence, tokens = probability.max(-1)
        return tokens, confidence
    best, candidates = probability.topk(top_k or probability.shape[1], dim=-1)
    if top_p is not None:
        best = torch.where(best.cumsum(-1) - best < top_p * best.sum(-1, keepdim=True), best, 0)
    best = best / best.sum(-1, keepdim=True)
    if gumbel:
        uniform = torch.rand(best.shape, generator=generator, dtype=torch.float64)
        drawn = (best.double().log() - torch.log(-torch.log(uniform))).argmax(-1, keepdim=True)
    else:
        drawn = torch.multinomial(best, 1, generator=generator)
    return candidates.gather(1, drawn)[:, 0], best.gather(1, drawn)[:, 0]


@torch.no_grad()
def sample(
    model,
    ids,
    *,
    mask_id,
    rule,
    steps,
    seed,
    temperature=1.0,
    top_k=None,
    top_p=None,
    schedule="linear",
    threshold=0.9,
    factor=1.0,
    entropy_bound=0.1,
    remasking="conf",
    eta=0.1,
    t_on=None,
    t_off=0.05,
    alpha_on=0.9,
    edit_threshold=0.9,
):
    """Token ids [1, L] with [CLS] and [SEP] to (content ids at the end, trace)."""
    x = ids.clone()
    gen = torch.Generator().manual_seed(seed)
    masks_at_start = int((x == mask_id).sum())
    psi, trace = {}, []
    for step in range(1, steps + 1):
        where = (x[0] == mask_id).nonzero()[:, 0]
        if len(where) == 0 and rule not in ("remask", "edit"):
            break
        if rule == "edit":  # it judges what it wrote as well
            where = torch.tensor(sorted({*where.tolist(), *psi}), dtype=torch.long)
        if len(where):
            logits = model(input_ids=x).logits[0, where]
            tokens, sure = held(
                torch.softmax(logits / temperature, -1),
                top_k=top_k,
                top_p=top_p,
                gumbel=rule in ("ancestral", "remask"),
                generator=gen,
            )
            p = torch.softmax(logits, -1)
            own = p.gather(1, tokens[:, None])[:, 0]
        else:
            tokens = sure = own = torch.zeros(0)
        last = step == steps
        t, s = (
            mask_chance(schedule, 1 - (step - 1) / steps),
            mask_chance(schedule, 0 if last else 1 - step / steps),
        )
        back = []
        if rule == "quota":
            if schedule == "linear":
                n = max(1, len(where) // (steps - step + 1))
            else:
                stay = math.ceil(round(s * masks_at_start, 9))
                n = max(1, len(where) - stay)
            go = torch.argsort(sure, descending=True, stable=True)[:n].tolist()
        elif rule == "ancestral":
            u = torch.rand(len(where), generator=gen, dtype=torch.float64)
            go = [i for i in range(len(where)) if last or u[i] < 1 - s / t]
        elif rule == "threshold":
            go = [i for i in range(len(where)) if own[i] >= threshold] or [int(own.argmax())]
        elif rule == "factor":
            order = torch.argsort(own, descending=True, stable=True).tolist()
            go = order[:1]
            for n in range(2, len(order) + 1):
                if (n + 1) * (1 - float(own[order[n - 1]])) < factor:
                    go = order[:n]
        elif rule == "entropy-bound":
            entropy = torch.special.entr(p).sum(-1)
            order = torch.argsort(sure, descending=True, stable=True).tolist()
            go = order[:1]
            for n in range(2, len(order) + 1):
                part = [float(entropy[i]) for i in order[:n]]
                if sum(part) - max(part) <= entropy_bound:
                    go = order[:n]
        elif rule == "edit":
            masked = [i for i in range(len(where)) if x[0, where[i]] == mask_id]
            go = [i for i in masked if own[i] >= threshold]
            if masked and not go:
                go = [max(masked, key=lambda i: (float(own[i]), -i))]
            go = masked if last else go
            go += [
                i
                for i in range(len(where))
                if i not in masked and tokens[i] != x[0, where[i]] and own[i] > edit_threshold
            ]
        else:
            loop = True
            if t_on is not None:
                now = round(1 - (step - 1) / steps, 12)
                then = 0.0 if last else round(1 - step / steps, 12)
                t, s = (
                    1 - alpha_on + alpha_on * mask_chance(schedule, (u - t_on) / (1 - t_on))
                    if u > t_on
                    else (1 - alpha_on) * min(1.0, mask_chance(schedule, min(1.0, u / t_off)))
                    for u in (now, then)
                )
                loop = t_off < now <= t_on
            alpha_t, alpha_s = 1 - t, 1 - s
            sigma_max = 1.0 if alpha_t == 0 else min(1.0, (1 - alpha_s) / alpha_t)
            mine = sorted(psi)
            if remasking == "conf":
                total = sum(math.exp(-psi[i]) for i in mine)
                sigma, of = 0.0, {i: sigma_max * math.exp(-psi[i]) / total for i in mine}
            else:
                sigma = min(eta, sigma_max) if remasking == "cap" else eta * sigma_max
                of = dict.fromkeys(mine, sigma)
            if not loop:
                sigma, of = 0.0, dict.fromkeys(mine, 0.0)
            u = torch.rand(len(where), generator=gen, dtype=torch.float64)
            v = torch.rand(len(mine), generator=gen, dtype=torch.float64)
            chance = (alpha_s - (1 - sigma) * alpha_t) / (1 - alpha_t)
            go = [i for i in range(len(where)) if u[i] < chance or last]
            back = [i for i, w in zip(mine, v.tolist(), strict=True) if w < of[i]]
        if rule not in ("quota", "ancestral", "remask", "edit") and last:
            go = list(range(len(where)))
        for i in go:
            x[0, where[i]] = tokens[i]
            if tokens[i] != mask_id:  # a model may write its mask
                psi[int(where[i])] = float(sure[i])
        for i in back:
            x[0, i] = mask_id
            del psi[i]
        go = sorted(go)
        trace.append((sorted(int(where[i]) - 1 for i in go), [i - 1 for i in back]))
    return x[0, 1:-1].tolist(), trace


@torch.no_grad()
def sample_uniform(
    model,
    ids,
    *,
    mask_id,
    noise,
    steps,
    seed,
    temperature=1.0,
    top_k=None,
    top_p=None,
    schedule="linear",
    corrector=0.0,
):
    """The tokens [L] after every step of uniform diffusion, the start first; D3PM's matrices."""
    x = ids.clone()
    gen = torch.Generator().manual_seed(seed)
    where = (x[0] == mask_id).nonzero()[:, 0]
    x[0, where] = torch.randint(noise.start, noise.stop, (len(where),), generator=gen)
    trace, words = [x[0, 1:-1].tolist()], len(noise)
    eye = torch.eye(words, dtype=torch.float64)

    def matrix(alpha):
        return alpha * eye + (1 - alpha) / words

    for step in range(1, steps + 1):
        logits = model(input_ids=x).logits[0, where].double()[:, noise.start : noise.stop]
        p = torch.softmax(logits / temperature, -1)
        if top_k is not None or top_p is not None:
            best, places = p.topk(top_k or words, dim=-1)
            if top_p is not None:
                mass = best.sum(-1, keepdim=True)
                best = torch.where(best.cumsum(-1) - best < top_p * mass, best, 0)
            p = torch.zeros_like(p).scatter(1, places, best / best.sum(-1, keepdim=True))
        kept = 1 - mask_chance(schedule, 1 - (step - 1) / steps)
        to = 1.0 if step == steps else 1 - mask_chance(schedule, 1 - step / steps)
        rows = []
        for row, token in zip(p, (x[0, where] - noise.start).tolist(), strict=True):
            here = matrix(kept / to)[:, token]  # q(x_t | x_s) of every x_s
            each = here[None] * matrix(to) / matrix(kept)[:, token][:, None]  # [x_0, x_s]
            rows.append(row @ ((1 - corrector) * each + corrector * matrix(to)))
        back = torch.stack(rows)
        uniform = torch.rand(back.shape, generator=gen, dtype=torch.float64)
        drawn = (back.log() - torch.log(-torch.log(uniform))).argmax(-1)
        x[0, where] = drawn + noise.start
        trace.append(x[0, 1:-1].tolist())
    return trace
