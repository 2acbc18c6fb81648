"""The document that the server writes about itself."""

from __future__ import annotations

from openapi_spec_validator import OpenAPIV31SpecValidator

from .checks import check
from .client import API, expect, same


@check("the server's own OpenAPI document is valid OpenAPI 3.1 and knows every operation of this API")
def _(api: API) -> None:
    answer = api.send("GET", "/openapi.json")
    same(answer.status, 200, "the status of /openapi.json")
    served = answer.json
    expect(isinstance(served, dict) and served["openapi"].startswith("3.1"), "not OpenAPI 3.1")
    errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in OpenAPIV31SpecValidator(served).iter_errors()]
    expect(not errors, "; ".join(errors[:5]))
    missing = {(m, p) for m, p, _ in api.document.operations()} - {
        (method.upper(), path.removeprefix(api.prefix)) for path, item in served["paths"].items() for method in item
    }
    expect(not missing, f"not in /openapi.json: {sorted(missing)}")


@check("the examples of the server's own document fit their schemas")
def _(api: API) -> None:
    wrong = api.served.wrong_examples()
    expect(not wrong, "; ".join(wrong[:5]))


@check("the page that reads the document is served with its script and style, from this server alone")
def _(api: API) -> None:
    page = api.send("GET", "/docs")
    same(page.status, 200, "the status of /docs")
    same(page.media_type, "text/html", "the content type of /docs")
    expect(b"https://" not in page.raw and b"http://" not in page.raw, "the page loads something from elsewhere")
