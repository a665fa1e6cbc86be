"""GET /healthz: whether the service can serve."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from gridmap.faces.deps import ServiceOf

router = APIRouter(tags=["service"])


@router.get("/healthz", summary="Whether the service is ready", responses={503: {"description": "not ready"}})
async def healthz(service: ServiceOf) -> JSONResponse:
    """200 once migration and loading are done and the database answers, 503 otherwise."""
    if service.step is not None:
        return JSONResponse({"status": "starting", "step": service.step}, 503, {"Retry-After": "1"})
    if not await service.healthy():
        return JSONResponse(
            {"status": "failing", "step": "the database does not answer"}, 503, {"Retry-After": "5"}
        )
    return JSONResponse({"status": "ok"})
