"""The PyTorch side of `mlr-snet bench`: times the named workload when told to, so that the two sides take turns.

Reads lines `name iterations threads` and answers each with the seconds of an iteration, the median.
"""
import statistics
import sys
import time

import torch
from torch import nn


def training_step(network, shape):
    x, y = torch.randn(*shape), torch.randint(0, 10, (shape[0],))
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(network(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def mlp():
    return nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))


def cnn():
    def block(inputs, outputs, stride):
        conv = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        return [conv, nn.BatchNorm2d(outputs), nn.ReLU()]

    layers = block(3, 16, 1) + block(16, 32, 2) + block(32, 64, 2)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def update_iteration():
    """The paper's update with one inner product in place of the second derivative, as ours does it."""
    network = cnn()
    parameters = list(network.parameters())
    x, y = torch.randn(128, 3, 32, 32), torch.randint(0, 10, (128,))

    def gradient():
        loss = nn.functional.cross_entropy(network(x), y)
        return torch.autograd.grad(loss, parameters)

    def step():
        direction = gradient()
        saved = [parameter.detach().clone() for parameter in parameters]
        with torch.no_grad():
            torch._foreach_add_(parameters, direction, alpha=-1e-3)
        product = sum((a * b).sum() for a, b in zip(gradient(), direction)).item()
        with torch.no_grad():
            for parameter, value in zip(parameters, saved):
                parameter.copy_(value)
            torch._foreach_add_(parameters, direction, alpha=-1e-3)
        return product

    return step


def schedule_call():
    """One call of the released network: H 50, middle layer 25."""
    hidden, middle = 50, 25

    def mlp_of(inputs):
        return nn.Sequential(nn.Linear(inputs, middle), nn.ReLU(), nn.Linear(middle, 4 * hidden))

    i2h, h2h, readout = mlp_of(1), mlp_of(hidden), nn.Linear(hidden, 1)
    memory = [torch.zeros(1, hidden), torch.zeros(1, hidden)]
    loss = torch.tensor([[1.0]])

    def step():
        with torch.no_grad():
            i, f, g, o = (i2h(loss) + h2h(memory[0])).chunk(4, 1)
            memory[1] = torch.sigmoid(f) * memory[1] + torch.sigmoid(i) * torch.tanh(g)
            memory[0] = torch.sigmoid(o) * torch.tanh(memory[1])
            return torch.sigmoid(readout(memory[0])).item()

    return step


def population():
    """32 networks 40-64-64-10 by batched products, 50 steps for each of two cores, batch 64."""
    members, batch = 32, 64
    shapes = [(40, 64), (64, 64), (64, 10)]
    x, y = torch.randn(batch, 40).expand(members, batch, 40), torch.randint(0, 10, (members * batch,))
    weights = [(torch.randn(members, i, o) / i**0.5).requires_grad_() for i, o in shapes]
    biases = [torch.zeros(members, 1, o, requires_grad=True) for _, o in shapes]
    parameters = weights + biases

    def step():
        for _ in range(2 * 50):
            h = x
            for index, (weight, bias) in enumerate(zip(weights, biases)):
                h = torch.baddbmm(bias, h, weight)
                h = torch.relu(h) if index < 2 else h
            loss = nn.functional.cross_entropy(h.reshape(members * batch, 10), y, reduction="sum") / batch
            gradients = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                torch._foreach_add_(parameters, gradients, alpha=-1e-3)

    return step


workloads = {
    "schedule-call": schedule_call,
    "step/mlp-784-256-10": lambda: training_step(mlp(), (128, 784)),
    "step/cnn-small": lambda: training_step(cnn(), (128, 3, 32, 32)),
    "update-iteration/cnn-small": update_iteration,
    "population/mlp-40-64-64-10": population,
}

print(torch.__version__, flush=True)
made = {}
for line in sys.stdin:
    name, iterations, threads = line.split()
    torch.set_num_threads(int(threads))
    step = made.get(name) or made.setdefault(name, workloads[name]())
    step()
    times = []
    for _ in range(int(iterations)):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    print(statistics.median(times), flush=True)
