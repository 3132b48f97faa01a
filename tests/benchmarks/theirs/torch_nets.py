"""The networks of others in PyTorch, rewritten in short from their sources."""

import torch
import torch.nn as nn
import torch.nn.functional as functional


def torchvision_models():
    """torchvision's models; a build for GPUs lacks operations beside a PyTorch that has none."""
    register = torch.library.register_fake
    torch.library.register_fake = lambda *words, **options: lambda function: function
    import torchvision

    torch.library.register_fake = register
    return torchvision.models


class StdConv2d(nn.Conv2d):
    """google-research/big_transfer, bit_pytorch/models.py."""

    def forward(self, x):
        w = self.weight
        v, m = torch.var_mean(w, dim=[1, 2, 3], keepdim=True, unbiased=False)
        w = (w - m) / torch.sqrt(v + 1e-10)
        return functional.conv2d(x, w, self.bias, self.stride, self.padding, self.dilation, self.groups)


class Unit(nn.Module):
    """PreActBottleneck of the same file."""

    def __init__(self, cin, cout, cmid, stride=1):
        super().__init__()
        self.gn1, self.conv1 = nn.GroupNorm(32, cin), StdConv2d(cin, cmid, 1, bias=False)
        self.gn2, self.conv2 = nn.GroupNorm(32, cmid), StdConv2d(cmid, cmid, 3, stride, 1, bias=False)
        self.gn3, self.conv3 = nn.GroupNorm(32, cmid), StdConv2d(cmid, cout, 1, bias=False)
        self.relu = nn.ReLU(inplace=True)
        self.projected = stride != 1 or cin != cout
        if self.projected:
            self.downsample = StdConv2d(cin, cout, 1, stride, bias=False)

    def forward(self, x):
        out = self.relu(self.gn1(x))
        residual = self.downsample(out) if self.projected else x
        out = self.conv1(out)
        out = self.conv2(self.relu(self.gn2(out)))
        return self.conv3(self.relu(self.gn3(out))) + residual


def bit(classes=3):
    """ResNetV2 with blocks of 3, 4, 6 and 3 units, as `BiT-M-R50x1`."""
    layers = [StdConv2d(3, 64, 7, 2, 3, bias=False), nn.ConstantPad2d(1, 0), nn.MaxPool2d(3, 2)]
    cin = 64
    for block, units in enumerate((3, 4, 6, 3)):
        width = 64 * 2**block
        for number in range(units):
            layers.append(Unit(cin, 4 * width, width, 2 if block and not number else 1))
            cin = 4 * width
    head = [nn.GroupNorm(32, cin), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Conv2d(cin, classes, 1)]
    return nn.Sequential(*layers, *head, nn.Flatten())


class Residual(nn.Module):
    """ResnetBlock of junyanz/pytorch-CycleGAN-and-pix2pix, models/networks.py."""

    def __init__(self, width):
        super().__init__()
        conv = [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width)]
        again = [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width)]
        self.body = nn.Sequential(*conv, nn.ReLU(True), *again)

    def forward(self, x):
        return x + self.body(x)


def generator(channels=1, filters=64, blocks=9):
    """ResnetGenerator of the same file."""
    layers = [
        nn.ReflectionPad2d(3),
        nn.Conv2d(channels, filters, 7),
        nn.InstanceNorm2d(filters),
        nn.ReLU(True),
    ]
    for width in (filters, 2 * filters):
        layers += [nn.Conv2d(width, 2 * width, 3, 2, 1), nn.InstanceNorm2d(2 * width), nn.ReLU(True)]
    layers += [Residual(4 * filters) for _ in range(blocks)]
    for width in (4 * filters, 2 * filters):
        up = nn.ConvTranspose2d(width, width // 2, 3, 2, 1, 1)
        layers += [up, nn.InstanceNorm2d(width // 2), nn.ReLU(True)]
    return nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(filters, channels, 7), nn.Tanh())


def discriminator(channels=1, filters=64):
    """NLayerDiscriminator of the same file, a PatchGAN of 70 pixels."""
    layers = [nn.Conv2d(channels, filters, 4, 2, 1), nn.LeakyReLU(0.2, True)]
    for width, stride in ((filters, 2), (2 * filters, 2), (4 * filters, 1)):
        layers += [nn.Conv2d(width, 2 * width, 4, stride, 1), nn.InstanceNorm2d(2 * width)]
        layers += [nn.LeakyReLU(0.2, True)]
    return nn.Sequential(*layers, nn.Conv2d(8 * filters, 1, 4, 1, 1))
