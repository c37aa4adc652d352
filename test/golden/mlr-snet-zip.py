"""State dicts of an MLR-SNet in PyTorch's zip format, as tensors of several types and strides, with their numbers, and files
that must be refused. Writes mlr-snet-zip.json beside itself.

    /usr/bin/python3 test/golden/mlr-snet-zip.py
"""

import base64
import collections
import io
import json
import os
import pathlib

import torch
from torch import nn

HIDDEN, MIDDLE = 3, 4


def mlp(inputs):
    return nn.Sequential(nn.Linear(inputs, MIDDLE), nn.ReLU(), nn.Linear(MIDDLE, 4 * HIDDEN))


class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc_i2h, self.fc_h2h = mlp(1), mlp(HIDDEN)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = Cell()
        self.layer3 = nn.Linear(HIDDEN, 1)


class Evil:
    def __reduce__(self):
        return os.system, ("echo executed > /tmp/mlr-snet-pickle-was-executed",)


def saved(value):
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return base64.b64encode(buffer.getvalue()).decode()


def windows(tensors):
    """Each tensor as a transposed window with gaps, all of them in one storage."""
    storage = torch.zeros(2 * sum(tensor.numel() for tensor in tensors.values()) + 1)
    views, at = {}, 1
    for name, tensor in tensors.items():
        shape = tensor.t().shape
        stride = (2 * shape[1], 2) if len(shape) == 2 else (2,)
        view = storage.as_strided(shape, stride, at)
        view.copy_(tensor.t())
        views[name] = view.t()
        at += 2 * tensor.numel()
    return views


torch.manual_seed(5)
network = Network()
state = network.state_dict()
optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
sum(value.square().sum() for value in network.parameters()).backward()
optimizer.step()

golden = {
    "about": "See mlr-snet-zip.py. PyTorch " + torch.__version__,
    "hidden": HIDDEN,
    "middle": MIDDLE,
    "tensors": {name: value.flatten().tolist() for name, value in state.items()},
    "half": {name: value.half().flatten().tolist() for name, value in state.items()},
    "files": {
        "float32": saved(state),
        "float64": saved({name: value.double() for name, value in state.items()}),
        "float16": saved({name: value.half() for name, value in state.items()}),
        "transposed windows of one storage": saved(windows(state)),
    },
    "refused": {
        "a checkpoint with the optimizer in it": saved(
            {"state_dict": state, "optimizer": optimizer.state_dict(), "epoch": 3, "rate": 1e-3}
        ),
        "a checkpoint that begins with a number": saved({"epoch": 3, "model": state}),
        "the state of an optimizer": saved(optimizer.state_dict()),
        "a list of state dicts": saved([state]),
        "one tensor": saved(torch.zeros(3)),
        "a whole network": saved(network),
        "os.system": saved(collections.OrderedDict(weight=Evil())),
        "whole numbers": saved({"layer3.bias": torch.zeros(1, dtype=torch.int64)}),
        "an expanded tensor": saved({"layer3.bias": torch.zeros(1).expand(9)}),
        "another network": saved(nn.Linear(2, 2).state_dict()),
    },
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, indent=1) + "\n")
