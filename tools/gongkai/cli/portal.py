"""`gongkai init`: a fresh portal that needs only the installed package."""

from __future__ import annotations

from pathlib import Path

import click

from gongkai.cli.door import Door
from gongkai.model.errors import GongkaiError
from gongkai.model.message import msg
from gongkai.report.escape import file_name
from gongkai.store.files import write_all
from gongkai.store.resources import template_root
from gongkai.store.tree import FolderTree

PARTS = ("schemas", "site_config")
README = """# 门户 / Portal

content/        信息条目：content/<科室>/<年>/<编号>.md 或 .yml
schemas/        各类信息的字段、时限与审查级别
site_config/    门户设置：名称、科室、人员、栏目、节假日
mkdocs.yml      门户构建设置

gongkai new notice --department office --title 标题    新建一条信息
gongkai check                                          检查
gongkai build && gongkai serve                         构建并在浏览器中查看
"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_obj
def init(door: Door, folder: Path) -> None:
    """新建门户 / Make a fresh portal in FOLDER, which must be empty or not there yet."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise GongkaiError(
            msg("{folder} is not an empty folder", folder=str(folder)),
            msg("name a new folder; nothing was written"),
        )
    source = FolderTree(template_root())
    files = {e.path: source.read(e.path) for part in PARTS for e in source.entries(part) if e.kind == "file"}
    files["mkdocs.yml"] = source.read("mkdocs.yml")
    files["README.md"] = README.encode()
    files[".gitignore"] = b"/site/\n/.portal/\n"
    files["content/.gitkeep"] = b""
    write_all(folder, files)
    click.echo(file_name(str(folder)))
    door.tell(
        msg("a fresh portal stands in {folder}; its departments and name are an example", folder=str(folder))
    )
    door.tell(
        msg(
            "next: edit site_config/portal.yml and departments.yml, then `gongkai --root {folder} check`",
            folder=str(folder),
        )
    )
