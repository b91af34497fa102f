"""Words that passwords are made of here, to be counted for nothing. Nobody reads them."""

from __future__ import annotations

USUAL = (
    "snowbird", "jilin", "houniao", "jilinsheng", "changchun", "changbaishan", "changbai", "yanji",
    "yanbian", "songhuahu", "songyuan", "baishan", "tonghua", "siping", "liaoyuan", "baicheng",
    "fusong", "antu", "erdaobaihe", "dongbei", "zhongguo", "china", "beijing", "shanghai",
    "候鸟", "吉林", "长春", "长白山", "延边", "延吉", "东北", "中国", "我爱", "密码", "管理员",
    "admin", "administrator", "root", "office", "operator", "manager", "guest", "demo", "test",
    "user", "login", "welcome", "password", "passwd", "pass", "mima", "guanliyuan", "jiudian",
    "binguan", "minsu", "fangjian", "lvyou", "woaini", "woai", "aini", "laopo", "laogong",
    "baobei", "xiaobao", "mama", "baba", "nihao", "qwe", "asd", "zxc", "qaz", "wsx", "abc",
    "5201314", "1314520", "1314", "520", "123456789", "12345678", "1234567", "123456", "12345",
    "1234", "123", "888", "666", "168", "一二三四五六七八九十",
)  # fmt: skip
"""Words of this site and its region, and what is put together most often into Chinese passwords."""
