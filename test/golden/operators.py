"""Values and gradients of the operators in src/graph/operators, from PyTorch in double precision.

Run `/usr/bin/python3 test/golden/operators.py` (any Python with torch) to write operators.json beside this file.
The scalar that is differentiated is sum_i sin(i + 1) y_i over the output's elements in row-major order.
"""

import json
import pathlib
import random

import torch
import torch.nn.functional as F

numbers = random.Random(0)


def spread(*shape, low=-2.0, high=2.0):
    """Evenly spaced numbers in random order: no two are near each other, and none of an even count is near 0."""
    count = torch.Size(shape).numel()
    values = [low + (high - low) * (i + 0.5) / count for i in range(count)]
    numbers.shuffle(values)
    return torch.tensor(values, dtype=torch.float32).double().reshape(shape)


def positive(*shape):
    return spread(*shape, low=0.2, high=3.0)


def labels(*values):
    return torch.tensor(values, dtype=torch.int32)


def recurrent(gates, hidden=3, features=2):
    return {
        "inputWeight": spread(gates * hidden, features, low=-1, high=1),
        "hiddenWeight": spread(gates * hidden, hidden, low=-1, high=1),
        "inputBias": spread(gates * hidden, low=-1, high=1),
        "hiddenBias": spread(gates * hidden, low=-1, high=1),
    }


def normalise(x, **kwargs):
    return F.batch_norm(x, None, None, training=True, **kwargs)


def gru(x, hidden, inputWeight, hiddenWeight, inputBias, hiddenBias):
    return torch.gru_cell(x, hidden, inputWeight, hiddenWeight, inputBias, hiddenBias)


def lstm(x, hidden, cell, inputWeight, hiddenWeight, inputBias, hiddenBias):
    return torch.cat(torch.lstm_cell(x, (hidden, cell), inputWeight, hiddenWeight, inputBias, hiddenBias), 1)


# name of the row in test/operator-table.ts: (inputs by name, the same function in PyTorch)
rows = {
    "add": ({"a": spread(2, 3), "b": spread(3)}, lambda a, b: a + b),
    "subtract": ({"a": spread(2, 1), "b": spread(2, 3)}, lambda a, b: a - b),
    "multiply": ({"a": spread(2, 3), "b": spread(2, 1)}, lambda a, b: a * b),
    "divide": ({"a": spread(2, 3), "b": positive(3)}, lambda a, b: a / b),
    "negate": ({"x": spread(2, 3)}, lambda x: -x),
    "reduceSum": ({"x": spread(2, 3, 4)}, lambda x: x.sum((0, 2))),
    "reduceSum keeping dimensions": ({"x": spread(2, 3, 4)}, lambda x: x.sum((1,), keepdim=True)),
    "reduceMean": ({"x": spread(2, 3, 4)}, lambda x: x.mean((0, 2))),
    "reduceMax": ({"x": spread(2, 3, 4)}, lambda x: x.detach().amax((0, 2))),
    "broadcastTo": ({"x": spread(3, 1)}, lambda x: x.expand(2, 3, 4)),
    "reshapeTo": ({"x": spread(2, 6)}, lambda x: x.reshape(3, 4)),
    "matMul": ({"a": spread(2, 3), "b": spread(3, 4)}, lambda a, b: a @ b),
    "matMul with both sides transposed": ({"a": spread(3, 2), "b": spread(4, 3)}, lambda a, b: a.T @ b.T),
    "matMul in batches": ({"a": spread(2, 3, 2), "b": spread(2, 4, 2)}, lambda a, b: a @ b.transpose(1, 2)),
    "linear": ({"x": spread(4, 3), "weight": spread(2, 3), "bias": spread(2)}, F.linear),
    "conv": (
        {"x": spread(2, 2, 5, 4), "weight": spread(3, 2, 3, 2), "bias": spread(3)},
        lambda x, weight, bias: F.conv2d(x, weight, bias, stride=(2, 1), padding=1),
    ),
    "conv of sequences in groups": (
        {"x": spread(2, 4, 5), "weight": spread(2, 2, 3)},
        lambda x, weight: F.conv1d(x, weight, padding=1, groups=2),
    ),
    "relu": ({"x": spread(2, 6)}, F.relu),
    "leakyRelu": ({"x": spread(2, 6)}, lambda x: F.leaky_relu(x, 0.1)),
    "gelu": ({"x": spread(2, 6)}, F.gelu),
    "geluTanh": ({"x": spread(2, 6)}, lambda x: F.gelu(x, approximate="tanh")),
    "silu": ({"x": spread(2, 6)}, F.silu),
    "tanh": ({"x": spread(2, 6)}, torch.tanh),
    "sigmoid": ({"x": spread(2, 6)}, torch.sigmoid),
    "softplus": ({"x": spread(2, 6)}, F.softplus),
    "exp": ({"x": spread(2, 6)}, torch.exp),
    "log": ({"x": positive(2, 6)}, torch.log),
    "sqrt": ({"x": positive(2, 6)}, torch.sqrt),
    "abs": ({"x": spread(2, 6)}, torch.abs),
    "sign": ({"x": spread(2, 6)}, torch.sign),
    "erf": ({"x": spread(2, 6)}, torch.erf),
    "square": ({"x": spread(2, 6)}, torch.square),
    "power": ({"x": positive(2, 6)}, lambda x: x**1.5),
    "maximum": ({"a": spread(2, 6), "b": spread(6, low=-1.9, high=2.3)}, torch.maximum),
    "clip": ({"x": spread(2, 6)}, lambda x: x.clip(-1.1, 0.9)),
    "where": ({"a": spread(2, 6), "b": spread(2, 6)}, lambda a, b: torch.where(a.detach() > 0, a * b, b)),
    "equal": ({"a": labels(1, 2, 3), "b": labels(1, 3, 3)}, lambda a, b: (a == b).double()),
    "greater": ({"a": spread(2, 3), "b": spread(3, low=-1)}, lambda a, b: (a > b).double()),
    "cast": ({"x": labels(1, -2, 3)}, lambda x: x.double()),
    "stopGradient": ({"x": spread(2, 3)}, lambda x: x * x.detach()),
    "argMax": ({"x": spread(2, 3, 4)}, lambda x: x.argmax(1).double()),
    "transpose": ({"x": spread(2, 3, 4)}, lambda x: x.permute(1, 2, 0)),
    "concat": ({"a": spread(2, 1), "b": spread(2, 3)}, lambda a, b: torch.cat([a, b, a], 1)),
    "split": ({"x": spread(2, 6)}, lambda x: x[:, :2] * x[:, 4:]),
    "slice": ({"x": spread(2, 6)}, lambda x: x[:, 1:4]),
    "pad": ({"x": spread(2, 3)}, lambda x: F.pad(x, (0, 3, 2, 1))),
    "softmax": ({"x": spread(3, 4)}, lambda x: x.softmax(1)),
    "softmax over the first axis": ({"x": spread(3, 4)}, lambda x: x.softmax(0)),
    "logSoftmax": ({"x": spread(3, 4)}, lambda x: x.log_softmax(1)),
    "softmaxCrossEntropy": (
        {"logits": spread(3, 4), "labels": labels(2, 0, 3)},
        lambda logits, labels: F.cross_entropy(logits, labels.long(), reduction="none"),
    ),
    "softmaxCrossEntropy of large logits": (
        {"logits": spread(3, 4, low=-300, high=300), "labels": labels(2, 0, 3)},
        lambda logits, labels: F.cross_entropy(logits, labels.long(), reduction="none"),
    ),
    "correctPredictions": (
        {"logits": spread(5, 3), "labels": labels(2, 0, 1, 1, 0)},
        lambda logits, labels: (logits.argmax(1) == labels).double(),
    ),
    "squaredError": (
        {"prediction": spread(3, 4), "target": spread(3, 4, low=-1.5)},
        lambda prediction, target: F.mse_loss(prediction, target, reduction="none").mean(1),
    ),
    "channelAffine": (
        {"x": spread(2, 3, 4), "a": spread(3), "b": spread(3)},
        lambda x, a, b: x * a[:, None] + b[:, None],
    ),
    "channelSum": ({"x": spread(2, 3, 4)}, lambda x: x.sum((0, 2))),
    "channelSum of images": ({"x": spread(2, 2, 8, 9)}, lambda x: x.sum((0, 2, 3))),
    "channelDot": ({"u": spread(2, 3, 4), "v": spread(2, 3, 4)}, lambda u, v: (u * v).sum((0, 2))),
    "batchNormalization": (
        {"x": spread(3, 2, 2, 3, low=-1, high=3), "scale": positive(2), "bias": spread(2)},
        lambda x, scale, bias: normalise(x, weight=scale, bias=bias),
    ),
    "batchNormalization of vectors": (
        {"x": spread(6, 2, low=-1, high=3), "scale": positive(2), "bias": spread(2)},
        lambda x, scale, bias: normalise(x, weight=scale, bias=bias),
    ),
    "batchNormalization twice with shared constants": (
        {"x": spread(4, 2, 3), "scale": positive(2), "bias": spread(2)},
        lambda x, scale, bias: normalise(normalise(x, weight=scale, bias=bias).tanh(), weight=scale, bias=bias),
    ),
    "batchNormalization's mean": ({"x": spread(3, 2, 4)}, lambda x: x.detach().mean((0, 2))),
    "batchNormalization's variance": (
        {"x": spread(3, 2, 4)},
        lambda x: x.detach().var((0, 2), unbiased=False),
    ),
    "batchNormalizationInference": (
        {"x": spread(2, 3, 4), "scale": spread(3), "bias": spread(3), "mean": spread(3), "variance": positive(3)},
        lambda x, scale, bias, mean, variance: F.batch_norm(
            x, mean.detach(), variance.detach(), scale, bias
        ),
    ),
    "layerNormalization": (
        {"x": spread(3, 4), "scale": spread(4), "bias": spread(4)},
        lambda x, scale, bias: F.layer_norm(x, [4], scale, bias),
    ),
    "layerNormalization over two axes": (
        {"x": spread(2, 2, 3), "scale": spread(2, 3), "bias": spread(2, 3)},
        lambda x, scale, bias: F.layer_norm(x, [2, 3], scale, bias),
    ),
    "maxPool": ({"x": spread(2, 2, 4, 4)}, lambda x: F.max_pool2d(x, 2)),
    "maxPool of overlapping windows": (
        {"x": spread(1, 2, 5, 4)},
        lambda x: F.max_pool2d(x, (3, 2), stride=(2, 1), padding=1),
    ),
    "maxPool of sequences": ({"x": spread(2, 2, 7)}, lambda x: F.max_pool1d(x, 3, stride=2, padding=1)),
    "averagePool": ({"x": spread(2, 2, 4, 4)}, lambda x: F.avg_pool2d(x, 2)),
    "averagePool of overlapping windows": (
        {"x": spread(1, 2, 6, 5)},
        lambda x: F.avg_pool2d(x, (3, 2), stride=(2, 1), padding=1),
    ),
    "averagePool of sequences": ({"x": spread(2, 2, 7)}, lambda x: F.avg_pool1d(x, 3, stride=2, padding=1)),
    "globalAveragePool": ({"x": spread(2, 3, 2, 2)}, lambda x: x.mean((2, 3))),
    "globalAveragePool of sequences": ({"x": spread(2, 3, 4)}, lambda x: x.mean(2)),
    "dropout": ({"x": spread(2, 4), "mask": positive(2, 4)}, lambda x, mask: x * mask),
    "gruCell": ({"x": spread(2, 2), "hidden": spread(2, 3), **recurrent(3)}, gru),
    "lstmCell": ({"x": spread(2, 2), "hidden": spread(2, 3), "cell": spread(2, 3), **recurrent(4)}, lstm),
    "embedding": (
        {"weight": spread(4, 3), "tokens": labels(2, 0, 2, 3, 2)},
        lambda weight, tokens: F.embedding(tokens, weight),
    ),
    "embedding of sequences": (
        {"weight": spread(5, 2), "tokens": labels(0, 4, 4, 1, 0, 4).reshape(2, 3)},
        lambda weight, tokens: F.embedding(tokens, weight),
    ),
}


def record(inputs, function):
    floats = {name: x.requires_grad_() for name, x in inputs.items() if x.is_floating_point()}
    y = function(*inputs.values())
    gradients = {}
    if y.requires_grad:
        weights = torch.sin(torch.arange(y.numel(), dtype=torch.float64) + 1).reshape(y.shape)
        results = torch.autograd.grad((y * weights).sum(), list(floats.values()), allow_unused=True)
        gradients = {name: g.flatten().tolist() for name, g in zip(floats, results) if g is not None}
    tensor = lambda x: {"shape": list(x.shape), "data": x.flatten().tolist()}
    types = {name: "float32" if x.is_floating_point() else "int32" for name, x in inputs.items()}
    return {
        "inputs": {name: {"dataType": types[name], **tensor(x)} for name, x in inputs.items()},
        "output": tensor(y),
        "gradients": gradients,
    }


def agrees(old, new):
    """Whether two records differ by rounding alone, as they do on another processor."""
    if isinstance(new, dict):
        return isinstance(old, dict) and old.keys() == new.keys() and all(agrees(old[k], new[k]) for k in new)
    if isinstance(new, list):
        return isinstance(old, list) and len(old) == len(new) and all(map(agrees, old, new))
    if isinstance(new, float):
        return isinstance(old, float) and abs(old - new) <= 1e-12 * max(1, abs(new))
    return old == new


if __name__ == "__main__":
    path = pathlib.Path(__file__).with_suffix(".json")
    before = json.loads(path.read_text()) if path.exists() else {}
    golden = {name: record(*row) for name, row in rows.items()}
    golden = {name: before[name] if agrees(before.get(name), row) else row for name, row in golden.items()}
    lines = [f"{json.dumps(name)}: {json.dumps(row)}" for name, row in golden.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
