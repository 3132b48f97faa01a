"""An epoch of augmented PNG files by albumentations in PyTorch's DataLoader: `torch_loader.py FOLDER`."""

import sys
from pathlib import Path

import albumentations as A
import cv2
import torch
from albumentations.pytorch import ToTensorV2
from served import seconds, serve


class Files(torch.utils.data.Dataset):
    """The PNG files of a folder, flipped, turned and zoomed."""

    def __init__(self, folder):
        self.files = sorted(map(str, Path(folder).rglob("*.png")))
        turn = A.Affine(rotate=(-25, 25), scale=(0.8, 1.2), p=1)
        self.change = A.Compose([A.HorizontalFlip(), turn, A.Normalize((0, 0, 0), (1, 1, 1)), ToTensorV2()])

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        image = cv2.cvtColor(cv2.imread(self.files[index]), cv2.COLOR_BGR2RGB)
        return self.change(image=image)["image"], index % 2


def main(folder):
    """Serves epochs."""
    cv2.setNumThreads(0)
    loader = torch.utils.data.DataLoader(
        Files(folder), 32, shuffle=True, num_workers=2, persistent_workers=True
    )
    serve(lambda: seconds(lambda: [None for _ in loader]))


main(*sys.argv[1:])
