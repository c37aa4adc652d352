"""Learning rates of torch.optim.lr_scheduler, one list per scheduler: the rate in force at step 0, 1, 2, ...

Run with a Python that has PyTorch: python3 test/golden/schedules.py > test/golden/schedules.json
"""
import json
import random
import warnings

import torch
from torch.optim import lr_scheduler

warnings.filterwarnings("ignore")  # the optimizer is never stepped


def trace(base_rate, steps, make, metrics=None):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base_rate)
    scheduler = make(optimizer)
    rates = []
    for step in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        if metrics is None:
            if step + 1 < steps:
                scheduler.step()
        else:
            scheduler.step(metrics[step])
    return rates


random.seed(1)
metrics = [2 / (1 + step / 5) if step < 20 else 0.45 + 0.02 * random.random() for step in range(60)]

golden = {
    "torch": torch.__version__,
    "multistep": trace(0.1, 90, lambda o: lr_scheduler.MultiStepLR(o, [30, 60], gamma=0.1)),
    "exponential": trace(0.1, 50, lambda o: lr_scheduler.ExponentialLR(o, 0.95)),
    "polynomial": trace(0.3, 45, lambda o: lr_scheduler.PolynomialLR(o, total_iters=40, power=2)),
    "linear": trace(0.3, 45, lambda o: lr_scheduler.LinearLR(o, 1.0, 0.0, total_iters=40)),
    "cosine": trace(0.1, 51, lambda o: lr_scheduler.CosineAnnealingLR(o, 50, eta_min=0.001)),
    "sgdr": trace(0.1, 75, lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 10, 2, eta_min=1e-5)),
    # PyTorch has its top at pct_start * total_steps - 1 and its end at total_steps - 1: here at steps 30 and 100.
    "onecycle": trace(0.5, 101, lambda o: lr_scheduler.OneCycleLR(o, 0.5, total_steps=101, pct_start=31 / 101)),
    "plateau": {
        "metrics": metrics,
        "rates": trace(
            0.8,
            60,
            lambda o: lr_scheduler.ReduceLROnPlateau(
                o, factor=0.5, patience=2, threshold=0.01, cooldown=1, min_lr=0.04
            ),
            metrics,
        ),
    },
}
print(json.dumps(golden, indent=1))
