"""A line to try for each command; its help and the reference show it."""

from __future__ import annotations

EXAMPLES = {
    "services": "services --format csv",
    "layers": "layers",
    "matrix": "matrix --service rds --layer engine --layer backup",
    "compare": "compare database-on-ec2 rds -o step.pptx",
    "ladders": "ladders",
    "inventory": "inventory plan.json state.tfstate",
    "collect": "collect --aggregator organisation --region eu-west-1 -o org.json",
    "review": "review plan.json --record review.yaml -o review.pptx -o review.xlsx",
    "controls": "controls nist-800-53-r5 plan.json --baseline moderate -o crm.xlsx",
    "fleet": "fleet inventory/ --by outliers -o fleet.html",
    "record": "record review.yaml --from review.xlsx",
    "diff": "diff old-plan.json plan.json -o change.md",
    "check": "check data --fix",
    "lab": "lab --no-browser",
    "dashboard": "dashboard --quiz ec2 rds s3",
}


def show_example(command: str) -> str:
    """The last sentence of a command's help."""
    return f"Example: srmlib {EXAMPLES[command]}"
