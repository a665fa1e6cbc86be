"""Strong ETags: a digest of the answer's bytes, so that every worker gives the same bytes the same one."""

from __future__ import annotations

from hashlib import blake2b

from fastapi import Request, Response

# kept by whoever asked, shown only after asking again: an answer changes with the next report
REVALIDATED = "private, no-cache"


def etag(body: bytes) -> str:
    return f'"{blake2b(body, digest_size=16).hexdigest()}"'


def tagged(request: Request, body: bytes, media_type: str) -> Response:
    """The body with its ETag; 304 without it where the asker has these very bytes (RFC 9110, 13.1.2)."""
    tag = etag(body)
    headers = {"ETag": tag, "Cache-Control": REVALIDATED}
    if held(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def held(if_none_match: str | None, tag: str) -> bool:
    """Whether the header names the tag. A proxy that compressed the answer may have made it a weak one."""
    if not if_none_match:
        return False
    return if_none_match.strip() == "*" or tag in (
        each.strip().removeprefix("W/") for each in if_none_match.split(",")
    )
