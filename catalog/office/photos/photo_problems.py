"""Why a photograph cannot be shown: a reason that is kept with it, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from catalog.states import PhotoProblem
from marketplace.kernel.messages import Message

MOST_PIXELS = 50_000_000
LEAST_WIDTH = 640
MOST_RATIO = 3
"""The longer side is at most so many times the shorter one."""

PROBLEM_TEXTS: Mapping[PhotoProblem, str] = MappingProxyType(
    {
        PhotoProblem.NO_PICTURE: "这个文件不是能用的照片，请选 JPEG、PNG、WebP 或 AVIF 格式的",
        PhotoProblem.SPOILT: "这张照片的文件坏了或者不完整，请重新导出或另选一张",
        PhotoProblem.MOVING: "会动的图片不能用，请选一张静止的照片",
        PhotoProblem.TOO_MANY_PIXELS: "照片的像素太多，请先缩小到 5000 万像素以内",
        PhotoProblem.TOO_SMALL: Message("照片太小，宽度至少要 %(least)s 像素", least=LEAST_WIDTH),
        PhotoProblem.TOO_LONG: Message(
            "照片太长或太宽，长边不能超过短边的 %(most)s 倍", most=MOST_RATIO
        ),
        PhotoProblem.HARMFUL: "这个文件没有通过安全检查，没有收下。请换一个文件",
        PhotoProblem.LOST: "这张照片没能保存下来，请再上传一次",
    }
)
"""Message ids."""


class PhotoRefused(Exception):
    """A file cannot be made into a photograph; ``problem`` says why."""

    def __init__(self, problem: PhotoProblem) -> None:
        """Keep the reason."""
        super().__init__(problem.value)
        self.problem = problem
