"""Draw the pictures of the README from the catalogue as it stands."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from io import BytesIO
from pathlib import Path

import srmlib as srm
from srmlib.atomic import replace_file

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
WORKLOADS = ROOT / "notebooks" / "workloads"
SHOWN = [
    "on-premises", "database-on-ec2", "ec2", "eks-managed-nodes", "ecs-fargate", "rds-custom-oracle",
    "opensearch", "rds", "aurora", "lambda", "dynamodb", "s3", "guardduty", "kms", "iam",
]  # fmt: skip
SLIDES = ("Beside your own machines", "configuration", "No owner yet, platform", "duties are yours")


def main() -> None:
    """Write docs/heatmap.png, which needs a browser, and docs/deck.png, which needs LibreOffice."""
    matrix = srm.load_matrix().select(services=SHOWN)
    figure = srm.heatmap(matrix)
    DOCS.mkdir(exist_ok=True)
    replace_file(DOCS / "heatmap.png", figure.to_image("png", width=1100, scale=1.5))
    if shutil.which("soffice") and shutil.which("pdftoppm"):
        replace_file(DOCS / "deck.png", draw_deck())
    else:
        print("docs/deck.png is kept: it needs LibreOffice and poppler-utils")


def draw_deck() -> bytes:
    """Four slides of the shop's deck, two by two."""
    from PIL import Image

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        record = WORKLOADS / "shop-record.yaml"
        deck = srm.write(
            srm.review(WORKLOADS / "shop-plan.json", record=record), folder / "shop.pptx"
        )
        pictures = [Image.open(path) for path in render_slides(deck, choose_slides(deck))]
        width, height = pictures[0].size
        sheet = Image.new("RGB", (2 * width + 30, 2 * height + 30), "#9aa3ab")
        for place, picture in enumerate(pictures):
            left, top = 10 + place % 2 * (width + 10), 10 + place // 2 * (height + 10)
            sheet.paste(picture, (left, top))
        out = BytesIO()
        sheet.quantize(64).save(out, "PNG", optimize=True)
        return out.getvalue()


def choose_slides(deck: Path) -> list[int]:
    """The numbers of the slides to show, by what stands in their titles; a slide each."""
    from pptx import Presentation

    titles = [slide.shapes.title.text for slide in Presentation(str(deck)).slides]
    return sorted(
        next(place for place, title in enumerate(titles, 1) if words in title) for words in SLIDES
    )


def render_slides(deck: Path, numbers: list[int]) -> list[Path]:
    """The slides of these numbers as pictures, as LibreOffice shows them."""
    folder = deck.parent
    subprocess.run(["soffice", "--headless", "--convert-to", "pdf", "--outdir", folder, deck],
                   check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    for number in numbers:
        subprocess.run(["pdftoppm", "-r", "72", "-f", str(number), "-l", str(number), "-png",
                        deck.with_suffix(".pdf"), folder / "slide"], check=True)  # fmt: skip
    return sorted(folder.glob("slide-*.png"))


if __name__ == "__main__":
    main()
