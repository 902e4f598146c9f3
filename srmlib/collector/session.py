"""How AWS is asked: the user's credentials, patience when it throttles, and one line for each fault."""

from __future__ import annotations

import os
import re
from typing import Any

from srmlib.collector.journal import Page
from srmlib.collector.sources import Source
from srmlib.errors import SrmError

# The AWS CLI's default of 3 is soon used up by thousands of pages; AWS_MAX_ATTEMPTS overrides it.
ATTEMPTS = 8
SECONDS_TO_CONNECT = 10
AGAIN = "give the same command again, it goes on where it stopped"

STALE = {"InvalidNextTokenException", "ValidationException"}
# By AWS's error code, or the name of botocore's class or of one above it.
FAULTS: tuple[tuple[set[str], str], ...] = (
    ({"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "SSOError",
      "LoginError", "TokenRetrievalError", "NoAuthTokenError", "MissingAuthenticationTokenException"},
     "no usable AWS credentials were found; sign in, or name a profile with --profile"),
    ({"ProfileNotFound"}, "there is no such profile; `aws configure list-profiles` lists them"),
    ({"ConfigParseError"}, "the AWS configuration file cannot be read; mend it"),
    ({"NoRegionError"}, "no Region is set; name one with --region"),
    ({"InvalidRegionError"}, "that is no Region; name one as eu-central-1"),
    ({"ExpiredToken", "ExpiredTokenException", "RequestExpired"},
     f"the credentials have expired; sign in again and {AGAIN}"),
    ({"UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException",
      "IncompleteSignatureException"},
     "AWS does not accept the credentials; sign in again, or name a profile with --profile"),
    ({"AccessDenied", "AccessDeniedException", "UnauthorizedException"},
     "access denied; the credentials need {action}{hint}"),
    ({"NoSuchConfigurationAggregatorException"},
     "there is no such aggregator in {region}; `aws configservice "
     "describe-configuration-aggregators` lists them"),
    ({"ResourceNotFoundException"},
     "there is no such view in {region}; `aws resource-explorer-2 list-views` lists them"),
    ({"ParamValidationError", "ValidationException"},
     "AWS does not accept the name of the aggregator or view; check it"),
    ({"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"},
     f"AWS throttles these calls for too long; wait a little and {AGAIN}"),
    ({"ConnectionError", "HTTPClientError"},
     f"{{region}} cannot be reached; check the network and the Region, and {AGAIN}"),
)  # fmt: skip
HINT = " and a view: name one, or set a default view in {region}"


class StaleTokenError(SrmError):
    """AWS no longer knows the place in the list where a run stopped."""


def open_client(source: Source, profile: str | None, region: str | None) -> Any:
    """A client with the user's own credential chain; nothing is sent yet."""
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
        from botocore.session import Session
    except ImportError:
        raise SrmError("boto3 is not installed; run `pip install 'srmlib[collect]'`") from None
    # Every other tool of AWS heeds AWS_REGION; boto3 does not.
    place = region or os.environ.get("AWS_REGION")
    try:
        own = Session(profile=profile)
        attempts = own.get_config_variable("max_attempts") or ATTEMPTS
        patience = {"mode": "standard", "total_max_attempts": attempts}
        return boto3.Session(botocore_session=own, region_name=place).client(
            source.client, config=Config(retries=patience, connect_timeout=SECONDS_TO_CONNECT)
        )
    except (BotoCoreError, ValueError) as error:
        raise SrmError(explain(error, source, place or "")) from None


def fetch_page(client: Any, source: Source, token: str | None) -> Page:
    """The page at the token, or the first; a token that AWS has forgotten raises StaleTokenError."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    place = {"NextToken": token} if token else {}
    try:
        answer = getattr(client, source.operation)(**source.arguments, **place)
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        if token and STALE & set(_name_fault(error)):
            raise StaleTokenError(
                f"{source.name}: AWS has forgotten where the list stood; give the same command "
                "again, it begins anew"
            ) from None
        raise SrmError(explain(error, source, client.meta.region_name)) from None
    following = answer.get("NextToken") or None
    if following and following == token:
        raise SrmError(f"{source.name}: AWS gave the same page twice; {AGAIN}")
    return Page(source.read_page(answer), following)


def explain(error: Exception, source: Source, region: str) -> str:
    """One line on a fault, in our words: AWS's own name principals and accounts."""
    names = _name_fault(error)
    hint = HINT.format(region=region) if source.client == "resource-explorer-2" else ""
    for known, told in FAULTS:
        if known & set(names):
            return f"{source.name}: " + told.format(
                action=source.action, hint=hint, region=region or "the Region"
            )
    code = names[0] if re.fullmatch(r"\w+", names[0]) else "an error without a name"
    return f"{source.name}: failed with {code}; {AGAIN}"


def _name_fault(error: Exception) -> list[str]:
    """AWS's error code; without an answer from AWS, the error's class and those above it."""
    answer = getattr(error, "response", None)
    if isinstance(answer, dict):
        return [str(answer.get("Error", {}).get("Code", ""))]
    return [each.__name__ for each in type(error).__mro__]
