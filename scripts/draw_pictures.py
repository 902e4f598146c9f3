"""Draw the pictures of the README from the catalogue as it stands."""

from __future__ import annotations

from pathlib import Path

import srmlib as srm
from srmlib.atomic import replace_file

DOCS = Path(__file__).parent.parent / "docs"
SHOWN = [
    "on-premises", "database-on-ec2", "ec2", "eks-managed-nodes", "ecs-fargate", "rds-custom-oracle",
    "opensearch", "rds", "aurora", "lambda", "dynamodb", "s3", "guardduty", "kms", "iam",
]  # fmt: skip


def main() -> None:
    """Write docs/heatmap.png; needs a Chrome or Chromium."""
    matrix = srm.load_matrix().select(services=SHOWN)
    figure = srm.heatmap(matrix)
    DOCS.mkdir(exist_ok=True)
    replace_file(DOCS / "heatmap.png", figure.to_image("png", width=1100, scale=1.5))


if __name__ == "__main__":
    main()
