"""Golden numbers for src/training: the same network, batches and initial weights, trained by PyTorch.

Run: /usr/bin/python3 test/golden/training.py > test/golden/training.json
"""
import json
import torch
from torch import nn

torch.manual_seed(0)
torch.set_num_threads(1)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(4, 5)
        self.bn = nn.BatchNorm1d(5)
        self.linear2 = nn.Linear(5, 3)

    def forward(self, x):
        return self.linear2(self.bn(torch.relu(self.linear1(x))))


start = {name: value.clone() for name, value in Network().state_dict().items()}
batches = [(torch.randn(6, 4), torch.randint(0, 3, (6,))) for _ in range(6)]
evaluation = (torch.randn(7, 4), torch.randint(0, 3, (7,)))
rates = [0.1, 0.2, 0.15, 0.05, 0.3, 0.01]

cases = [
    ({"kind": "sgd"}, lambda p: torch.optim.SGD(p, lr=1)),
    ({"kind": "sgd", "momentum": 0.9, "weightDecay": 0.01}, lambda p: torch.optim.SGD(p, lr=1, momentum=0.9, weight_decay=0.01)),
    (
        {"kind": "sgd", "momentum": 0.8, "nesterov": True, "weightDecay": 0.01},
        lambda p: torch.optim.SGD(p, lr=1, momentum=0.8, nesterov=True, weight_decay=0.01),
    ),
    ({"kind": "sgd", "clipNorm": 0.5}, lambda p: torch.optim.SGD(p, lr=1)),
    ({"kind": "adam", "weightDecay": 0.01}, lambda p: torch.optim.Adam(p, lr=1, weight_decay=0.01)),
    ({"kind": "adamw", "weightDecay": 0.1, "betas": [0.8, 0.99]}, lambda p: torch.optim.AdamW(p, lr=1, weight_decay=0.1, betas=(0.8, 0.99))),
]


def listed(tensors):
    return {name: value.flatten().tolist() for name, value in tensors.items() if "num_batches" not in name}


results = []
for options, make in cases:
    network = Network()
    network.load_state_dict(start)
    optimizer = make(network.parameters())
    losses = []
    for (x, y), rate in zip(batches, rates):
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(x), y)
        loss.backward()
        if "clipNorm" in options:
            nn.utils.clip_grad_norm_(network.parameters(), options["clipNorm"])
        optimizer.step()
        losses.append(loss.item())
    network.eval()
    with torch.no_grad():
        logits = network(evaluation[0])
        after = {
            "loss": nn.functional.cross_entropy(logits, evaluation[1]).item(),
            "accuracy": (logits.argmax(1) == evaluation[1]).float().mean().item(),
        }
    results.append({"optimizer": options, "losses": losses, "state": listed(network.state_dict()), "evaluation": after})

print(
    json.dumps(
        {
            "torch": torch.__version__,
            "start": listed(start),
            "batches": [{"x": x.flatten().tolist(), "y": y.tolist()} for x, y in batches],
            "evaluation": {"x": evaluation[0].flatten().tolist(), "y": evaluation[1].tolist()},
            "rates": rates,
            "cases": results,
        }
    )
)
