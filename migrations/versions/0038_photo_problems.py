"""Why a photograph could not be made is kept as a reason, no longer in words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038_photo_problems"
down_revision = "0037_given_quotes"
branch_labels = None
depends_on = None

WORDS = {
    "no_picture": "这个文件不是能用的照片，请选 JPEG、PNG、WebP 或 AVIF 格式的",
    "spoilt": "这张照片的文件坏了或者不完整，请重新导出或另选一张",
    "moving": "会动的图片不能用，请选一张静止的照片",
    "too_many_pixels": "照片的像素太多，请先缩小到 5000 万像素以内",
    "too_small": "照片太小，宽度至少要 %(least)s 像素",
    "too_long": "照片太长或太宽，长边不能超过短边的 %(most)s 倍",
    "harmful": "这个文件没有通过安全检查，没有收下。请换一个文件",
    "lost": "这张照片没能保存下来，请再上传一次",
}
WITH_NUMBERS = {
    "too_small": "照片太小，宽度至少要 640 像素",
    "too_long": "照片太长或太宽，长边不能超过短边的 3 倍",
}
"""As releases before wrote them, which no page could translate."""
photo = sa.table("photo", sa.column("problem", sa.String))


def upgrade() -> None:
    with op.batch_alter_table("photo") as table:
        table.alter_column(
            "problem", existing_type=sa.String(200), nullable=True, server_default=None
        )
    reasons = {said: reason for reason, said in [*WORDS.items(), *WITH_NUMBERS.items()]}
    known = sa.case(reasons, value=photo.c.problem, else_="spoilt")
    op.execute(sa.update(photo).values(problem=sa.case((photo.c.problem == "", None), else_=known)))
    with op.batch_alter_table("photo") as table:
        table.alter_column("problem", existing_type=sa.String(200), type_=sa.String(32))


def downgrade() -> None:
    with op.batch_alter_table("photo") as table:
        table.alter_column("problem", existing_type=sa.String(32), type_=sa.String(200))
    words = sa.case(WORDS, value=photo.c.problem, else_="")
    op.execute(sa.update(photo).values(problem=words))
    with op.batch_alter_table("photo") as table:
        table.alter_column("problem", existing_type=sa.String(200), nullable=False)
