"""Times an encoder of the same size in PyTorch on the same batches; prints texts a second. Its weights are random, which takes as long.

Usage: pytorch.py cpu|cuda:N fp32|fp16 ROUNDS VOCABULARY WIDTH LAYERS HEADS FEED_FORWARD < BATCHES
A line of BATCHES holds the lengths of one batch's texts. PyTorch 1.12 or newer; exit code 4 where there is none, or it does not see the device.
"""
import statistics
import sys
import time

try:
    import torch
except ImportError:
    sys.exit(4)

device, precision = sys.argv[1:3]
rounds, vocabulary, width, layers, heads, feed_forward = map(int, sys.argv[3:])
if device.startswith("cuda") and not torch.cuda.is_available():
    sys.exit(4)
torch.manual_seed(0)
torch.backends.cuda.matmul.allow_tf32 = False


class Encoder(torch.nn.Module):
    def __init__(self, longest):
        super().__init__()
        self.words = torch.nn.Embedding(vocabulary, width)
        self.positions = torch.nn.Embedding(longest, width)
        self.norm = torch.nn.LayerNorm(width)
        layer = torch.nn.TransformerEncoderLayer(width, heads, feed_forward, activation="gelu", batch_first=True)
        self.layers = torch.nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)

    def forward(self, ids, mask):
        hidden = self.norm(self.words(ids) + self.positions.weight[: ids.shape[1]])
        return self.layers(hidden, src_key_padding_mask=mask == 0)


batches = [[int(n) for n in line.split()] for line in sys.stdin]
model = Encoder(max(map(max, batches))).eval().to(device, torch.float16 if precision == "fp16" else torch.float32)
inputs = [(torch.randint(vocabulary, (len(b), max(b))), torch.tensor([[int(i < n) for i in range(max(b))] for n in b])) for b in batches]


def loop():
    start = time.perf_counter()
    with torch.inference_mode():
        for ids, mask in inputs:
            model(ids.to(device), mask.to(device)).float().cpu()  # to the processor, as the features go
    return time.perf_counter() - start


loop()  # kernels are loaded and chosen
print(sum(map(len, batches)) / statistics.median(loop() for _ in range(rounds)))
