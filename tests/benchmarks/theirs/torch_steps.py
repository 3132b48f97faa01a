"""Training steps in PyTorch: `torch_steps.py NETWORK SIDE BATCH STEPS PRECISION`."""

import contextlib
import sys

import torch
import torch.nn.functional as functional
from served import seconds, serve
from torch_nets import bit, discriminator, generator, torchvision_models


def classifier(name, side, batch, precision):
    """One step of a network that tells two or three classes apart."""
    if name == "bit":
        model, classes = bit(3), 3
        optimizer = torch.optim.SGD(model.parameters(), lr=0.003, momentum=0.9)
    else:
        models, classes = torchvision_models(), 2
        more = {"aux_logits": False, "init_weights": False} if name == "inception_v3" else {}
        model = getattr(models, name)(weights=None, num_classes=classes, **more)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    model = model.to(memory_format=torch.channels_last).train()
    images = torch.rand(batch, 3, side, side).to(memory_format=torch.channels_last)
    labels = torch.randint(0, classes, (batch,))
    half = torch.autocast("cpu", torch.bfloat16) if precision == "bfloat16" else contextlib.nullcontext()

    def step():
        optimizer.zero_grad()
        with half:
            loss = functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()

    return step


def cyclegan(side):
    """CycleGANModel.optimize_parameters of junyanz/pytorch-CycleGAN-and-pix2pix, without its image pool."""
    makers, judges = [generator(), generator()], [discriminator(), discriminator()]
    both = [[weight for net in nets for weight in net.parameters()] for nets in (makers, judges)]
    of_makers, of_judges = (torch.optim.Adam(weights, 2e-4, (0.5, 0.999)) for weights in both)
    real = [torch.rand(1, 1, side, side) * 2 - 1 for _ in range(2)]

    def score(scores, wanted):
        return functional.mse_loss(scores, torch.full_like(scores, wanted))

    def step():
        for weight in both[1]:
            weight.requires_grad_(False)
        fake = [makers[0](real[0]), makers[1](real[1])]
        back = [makers[1](fake[0]), makers[0](fake[1])]
        same = [makers[1](real[0]), makers[0](real[1])]
        loss = sum(score(judge(image), 1.0) for judge, image in zip(judges, fake, strict=True))
        loss += 10 * sum(functional.l1_loss(*pair) for pair in zip(back, real, strict=True))
        loss += 5 * sum(functional.l1_loss(*pair) for pair in zip(same, real, strict=True))
        of_makers.zero_grad()
        loss.backward()
        of_makers.step()
        for weight in both[1]:
            weight.requires_grad_(True)
        of_judges.zero_grad()
        for judge, image, target in zip(judges, fake, reversed(real), strict=True):
            (0.5 * (score(judge(target), 1.0) + score(judge(image.detach()), 0.0))).backward()
        of_judges.step()

    return step


def main(name, side, batch, steps, precision):
    """Serves rounds of so many steps."""
    torch.manual_seed(0)
    step = cyclegan(int(side)) if name == "cyclegan" else classifier(name, int(side), int(batch), precision)
    serve(lambda: seconds(lambda: [step() for _ in range(int(steps))]))


main(*sys.argv[1:])
