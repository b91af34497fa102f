"""Why a line or a whole file is refused: a code and what fills its message, kept as one text."""

from __future__ import annotations

import json

from catalog.office.entries import credit_code
from marketplace.kernel.errors import DomainError
from marketplace.kernel.messages import Message, filled, megabytes

MOST_BYTES = 10 * 1024 * 1024
"""A larger file is not read."""
LONGEST_VALUE = 40
"""How much of a cell a reason repeats."""

LONGEST_PACKED = 300
"""The column that keeps a reason."""

LINE_REASONS = {
    "code_form": "编号“%(value)s”不合规定，应为字母加数字，如 JL001",
    "code_twice": "编号“%(value)s”在文件里重复，只用第一行",
    "code_of_sample": "编号“%(value)s”是示例数据的，名录不能用",
    "code_of_station": "编号“%(value)s”是车站的，不能改成企业",
    "code_of_enterprise": "编号“%(value)s”是企业的，不能改成车站",
    "no_name": "缺少中文名称",
    "no_source": "缺少资料来源",
    "category": "类别“%(value)s”不认识",
    "cluster": "集聚区“%(value)s”不认识",
    "adcode": "行政区划代码“%(value)s”不是吉林省的",
    "county": "县（市、区）“%(value)s”与行政区划代码 %(adcode)s 不符，应为“%(right)s”",
    "coordinates": "坐标“%(value)s”不是数字",
    "outside": "坐标 %(value)s 不在吉林省内",
    "error_km": "坐标误差“%(value)s”不是公里数",
    "certainty": "可靠程度“%(value)s”不认识",
    "datum": "坐标系“%(value)s”不认识",
    "slope": "“%(value)s”不是长白山的坡，应为 north、west 或 south",
    "planned": "“%(value)s”看不懂：planned 一列写 1（规划中）或 0",
    "credit_code": Message(
        "统一社会信用代码“%(value)s”不对：应为 %(length)s 位，校验码要相符",
        length=credit_code.LENGTH,
    ),
    "credit_code_twice": "统一社会信用代码“%(value)s”在文件里重复，只用第一行",
    "credit_code_taken": "统一社会信用代码“%(value)s”已是编号 %(holder)s 的",
    "station": "没有编号为“%(value)s”的车站",
    "station_slope": (
        "车站“%(value)s”不在这一处所在的坡：长白山北坡、西坡、南坡各有各的车站，走错要绕几个小时"
    ),
    "too_long": "“%(column)s”一列太长，最多 %(most)s 个字",
    "too_many_cells": "这一行的格子比表头多",
    "cell_error": "%(cell)s 格是错误值 %(value)s，请先在表格里改好",
    "cell_formula": ("%(cell)s 格是公式，文件里没有存它的结果：请用表格软件打开并保存一次，再上传"),
    "cell_digits": (
        "%(cell)s 格的数字太长，表格软件已经丢了后面几位：请把这一列设成文本，重新填写"
    ),
    "cell_merged": "%(cell)s 格是跨几列的合并格，看不出是哪一列的：请取消合并",
    "unkeepable": "“%(column)s”一列里有一个字别的电脑显示不出来，请换成通用的写法",
    "claimed": "已由经营者认领，资料由其申报",
    "delisted": "已经从名录除名",
    "moved": "预览以后这一项又有变动，没有改",
}
"""Why a line is not used."""

KEPT_REASONS = {
    "changed_since": "导入以后又有人改过，没有动它",
    "in_use": "已经有产品、申请或证照连着它，没有删除",
    "station_in_use": "还有场所靠这个车站到达，没有删除",
}
"""Why an undo leaves something as the import made it."""

FILE_REASONS = {
    "empty": "这个文件是空的",
    "no_lines": "文件里只有表头，没有数据",
    "not_table": "这不是 CSV 或 XLSX 表格，看内容像是：%(found)s",
    "ambiguous": (
        "这个文件按 UTF-8 和按 GB18030 都读得通，读出来的字不同。请说明是哪一种"
        "（命令行加 --encoding utf-8 或 --encoding gb18030）"
    ),
    "not_so_written": "这个文件不是用 %(found)s 写的",
    "encoding": ("文字编码看来是 %(found)s，读不准。请在表格软件里另存为“CSV UTF-8”，再上传一次"),
    "odd_line": (
        "第 %(line)s 行的文字编码和别的行不一样，或者缺了半个字，读不准。"
        "请在表格软件里另存为“CSV UTF-8”，再上传一次"
    ),
    "too_big": Message("文件太大：最多 %(most)s MB", most=megabytes(MOST_BYTES)),
    "too_many_lines": "行数太多：一次最多 %(most)s 行，请分成几个文件",
    "too_many_columns": "列数太多：最多 %(most)s 列",
    "several_tables": (
        "这个工作簿里有几张表都有数据：%(sheets)s。一次只读一张，请分别另存，再一个一个上传"
    ),
    "too_many_sheets": "这个工作簿的表太多：最多 %(most)s 张，请只留有数据的那张",
    "missing_columns": ("缺少这些列：%(columns)s。当作表头读的是第 %(line)s 行：%(head)s"),
    "unknown_columns": "有不认识的列：%(columns)s。请改成规定的列名，或者删掉",
    "double_columns": "这些列出现了两次：%(columns)s",
    "quotes": "第 %(line)s 行的引号没有成对。请用表格软件打开，改好后另存，再上传一次",
    "broken": "文件读到第 %(line)s 行就读不下去了，可能已经损坏",
    "bomb": "这个工作簿展开以后大得不正常，没有打开",
    "active_content": "工作簿里有宏或外部链接。请另存为不带宏的 .xlsx，再上传一次",
    "not_workbook": "这不是 XLSX 工作簿，或者已经损坏",
}
"""Why a file as a whole is not read."""

REASONS = LINE_REASONS | KEPT_REASONS | FILE_REASONS


def pack(code: str, **params: object) -> str:
    """Return a reason as it is kept in a column of 300 symbols."""
    cut = {name: str(value)[:LONGEST_VALUE] for name, value in params.items()}
    return json.dumps([code, cut], ensure_ascii=False)


def unpack(packed: str) -> tuple[str, dict[str, str]]:
    """Return the message id of a packed reason and what fills it; nothing for an empty text."""
    if not packed:
        return "", {}
    code, params = json.loads(packed)
    return REASONS[code], params


class RowError(ValueError):
    """A line cannot be used; ``code`` is one of ``LINE_REASONS``, the text is Chinese."""

    def __init__(self, code: str, **params: object) -> None:
        self.packed = pack(code, **params)
        message, cut = unpack(self.packed)
        super().__init__(filled(message, **cut))


class FileRefused(DomainError):
    """The file as a whole is not read; ``packed`` is kept with the run."""

    code = "file_refused"
    http_status = 422

    def __init__(self, code: str, **params: object) -> None:
        """Say why by a code of ``FILE_REASONS``."""
        cut: dict[str, object] = {}
        for most in (200, 100, 50):
            cut = {name: str(value)[:most] for name, value in params.items()}
            self.packed = json.dumps([code, cut], ensure_ascii=False)
            if len(self.packed) <= LONGEST_PACKED:
                break
        super().__init__(FILE_REASONS[code], extra=None, **cut)
        if code == "too_big":
            self.http_status = 413

    @classmethod
    def of(cls, packed: str) -> FileRefused:
        """Return the refusal that was kept with a run."""
        code, params = json.loads(packed)
        return cls(code, **params)
