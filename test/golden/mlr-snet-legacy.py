"""A two-layer MLR-SNet in PyTorch: its legacy checkpoint, p over some losses, dp/dtheta of the last step, and
files that must be refused. Writes mlr-snet-legacy.json beside itself.

    /usr/bin/python3 test/golden/mlr-snet-legacy.py
"""

import base64
import io
import json
import os
import pathlib
import pickle

import torch
from torch import nn

HIDDEN, MIDDLE, LAYERS = 3, 4, 2


def mlp(inputs):
    return nn.Sequential(nn.Linear(inputs, MIDDLE), nn.ReLU(), nn.Linear(MIDDLE, 4 * HIDDEN))


class Cell(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.fc_i2h, self.fc_h2h = mlp(inputs), mlp(HIDDEN)

    def forward(self, x, h, c):
        i, f, g, o = (self.fc_i2h(x) + self.fc_h2h(h)).split(HIDDEN)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = Cell(1)
        self.layer2 = nn.Sequential(*[Cell(HIDDEN) for _ in range(LAYERS - 1)])
        self.layer3 = nn.Linear(HIDDEN, 1)

    def forward(self, x, memory):
        after = []
        for cell, (h, c) in zip([self.layer1, *self.layer2], memory):
            x, c = cell(x, h.detach(), c.detach())
            after.append((x, c))
        return torch.sigmoid(self.layer3(x)), after


class Evil:
    def __reduce__(self):
        return os.system, ("echo executed > /tmp/mlr-snet-pickle-was-executed",)


def text(data):
    return base64.b64encode(data).decode()


torch.manual_seed(4)
network = Network()
buffer = io.BytesIO()
torch.save(network.state_dict(), buffer, _use_new_zipfile_serialization=False)
network.double()

losses, p = [2.3, 1.9, 1.2, 0.4, 0.05, 2.7], []
memory = [(torch.zeros(HIDDEN).double(), torch.zeros(HIDDEN).double()) for _ in range(LAYERS)]
for loss in losses:
    output, memory = network(torch.tensor([loss], dtype=torch.float64), memory)
    p.append(output.item())
output.backward()

evil = io.BytesIO()
torch.save({"layer3.weight": Evil()}, evil, _use_new_zipfile_serialization=False)
doubles = io.BytesIO()
torch.save(network.state_dict(), doubles, _use_new_zipfile_serialization=False)
golden = {
    "about": "See mlr-snet-legacy.py. Gate order input, forget, candidate, output; no forget shift. PyTorch "
    + torch.__version__,
    "hidden": HIDDEN,
    "middle": MIDDLE,
    "layers": LAYERS,
    "checkpoint": text(buffer.getvalue()),
    "doubles": text(doubles.getvalue()),
    "losses": losses,
    "p": p,
    "gradient": {name: value.grad.flatten().tolist() for name, value in network.named_parameters()},
    "refused": {
        "os.system in the state dict": text(evil.getvalue()),
        "os.system as the first pickle": text(pickle.dumps(Evil(), protocol=2)),
    },
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, indent=1) + "\n")
