"""The cell without a middle layer and with the integrating output, in PyTorch: p = tanh(readout(h)) and dp/dtheta.

Writes plain-lstm.json. Run with: python3 test/golden/plain-lstm.py
"""

import json
import pathlib

import torch

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)

inputs, hidden, forget_shift = 2, 3, 1.0
lstm = torch.nn.LSTMCell(inputs, hidden)  # gates in the order input, forget, candidate, output
readout = torch.nn.Linear(hidden, 1)
theta = [lstm.weight_ih, lstm.bias_ih, lstm.weight_hh, lstm.bias_hh, readout.weight, readout.bias]
x = torch.randn(6, inputs)
theta_before = torch.cat([part.detach().flatten() for part in theta]).tolist()
with torch.no_grad():
    lstm.bias_ih[hidden : 2 * hidden] += forget_shift  # the forget shift is a constant of the cell

h, c = torch.zeros(1, hidden), torch.zeros(1, hidden)
ps = []
for row in x:
    h, c = lstm(row[None], (h.detach(), c.detach()))
    p = torch.tanh(readout(h))[0, 0]
    ps.append(p.item())
p.backward()  # the last step alone: the memory before it is a constant

result = {
    "torch": torch.__version__,
    "inputs": x.tolist(),
    "theta": theta_before,
    "p": ps,
    "gradient": torch.cat([part.grad.flatten() for part in theta]).tolist(),
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
