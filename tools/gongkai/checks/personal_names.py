"""Chinese names of persons, whole or with a mask; a name is told by its family name."""

from __future__ import annotations

from gongkai.checks.personal_kinds import COMPOUND
from gongkai.model.lazily import lazily

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱"
    "侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文樊兰殷施洪翟安颜倪牛温芦季俞章鲁葛伍申尤毕聂柴焦柳邢岳齐梅庄辛管祝左涂谷时耿"
    "牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强丛华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟"
    "全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明"
    "沙薄伏岑习胥保和蔺"
)
_FAMILY = "|".join(sorted(COMPOUND))
_GIVEN = r"(?:(?!某)[一-鿿])"
NAME = rf"(?:(?:{_FAMILY}){_GIVEN}{{1,2}}|[{SURNAMES}]{_GIVEN}{{1,2}})"
_FUNCTION = "和于向常时从全都应连单包边成计申商官明"
"""Family names that are everyday words as well: in running text they begin no name."""
IN_PROSE = rf"(?:(?:{_FAMILY}){_GIVEN}{{1,2}}?|(?![{_FUNCTION}])[{SURNAMES}]{_GIVEN}{{1,2}}?)"
"""A name in running text, as short as what must follow it allows."""
_WHOLE = lazily(rf"{NAME}|[一-鿿]{{2,8}}(?:[·•・][一-鿿]{{1,8}})+")
_HIDDEN = lazily(r"[一-鿿]{1,3}(?:\\?[*＊×✕xX○〇●某]|\\?\*){1,3}[一-鿿]?")
_NO_NAME = frozenset(
    [
        "合计",
        "小计",
        "总计",
        "单位",
        "姓名",
        "成员",
        "全体",
        "常住",
        "高级",
        "中级",
        "初级",
        "人员",
        "时间",
        "方法",
        "项目",
        "石油",
        "金额",
        "文件",
        "关于",
        "和平",
        "安全",
        "成都",
        "常规",
    ]
)


def is_name(words: str, *, hidden: bool = False) -> bool:
    """Whether the words of a cell are one person's full name; with `hidden`, a masked one will do (张*, 李某某)."""
    bare = words.replace(" ", "").replace("\u3000", "")
    if hidden and _HIDDEN.fullmatch(bare):
        return True
    return (
        bare not in _NO_NAME
        and not bare.endswith(("某", "某某"))
        and "某" not in bare
        and _WHOLE.fullmatch(bare) is not None
    )
