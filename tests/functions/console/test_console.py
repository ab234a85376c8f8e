"""The console function: its files, how they are kept, and what the page may do."""

from __future__ import annotations

import base64
import gzip
import json
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

from hookline_console.answering import ASSETS, DOCS, HOME, Answer
from hookline_console.files import load
from hookline_console.settings import ConsoleSettings
from hookline_console.wiring import WEB, build_console
from tools import vendor

KB = 1000
FIRST_PAGE_BYTES = 100 * KB
ALL_BYTES = 300 * KB


def console(frame_ancestors: tuple[str, ...] = (), issuer: str | None = None) -> Answer:
    settings = ConsoleSettings(
        stage="test",
        log_level="INFO",
        metrics=True,
        frame_ancestors=frame_ancestors,
        oidc_issuer=issuer,
        oidc_client_id="console" if issuer else None,
    )
    return build_console(settings)


def ask(answer: Answer, path: str, method: str = "GET", **headers: str) -> dict[str, Any]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer({"requestContext": {"http": {"method": method, "path": path}}, "headers": given})


def body(reply: dict[str, Any]) -> bytes:
    raw = base64.b64decode(reply["body"])
    return gzip.decompress(raw) if reply["headers"].get("Content-Encoding") == "gzip" else raw


def assets(page: bytes) -> list[str]:
    return re.findall(rf'(?:href|src)="({ASSETS}/[^"]+)"', page.decode())


@pytest.mark.parametrize("path", [HOME, f"{HOME}/", f"{HOME}/t/acme/webhooks/wh_1", f"{HOME}/x.js"])
def test_every_address_of_a_screen_is_the_page(path: str) -> None:
    reply = ask(console(), path)
    assert reply["statusCode"] == 200
    assert b'<div id="app">' in body(reply)


def test_the_apis_page_is_served_by_the_same_rules() -> None:
    reply = ask(console(), DOCS)
    assert reply["headers"]["Content-Type"] == "text/html; charset=utf-8"
    assert "unsafe" not in reply["headers"]["Content-Security-Policy"]
    assert b"<rapi-doc" in body(reply)
    assert all(ask(console(), path)["statusCode"] == 200 for path in assets(body(reply)))


def test_all_that_the_page_names_is_there_and_may_be_kept_for_ever() -> None:
    answer = console()
    named = assets(body(ask(answer, HOME)))
    assert len(named) >= 5
    for path in named:
        reply = ask(answer, path, accept_encoding="gzip, br")
        assert reply["statusCode"] == 200, path
        assert "immutable" in reply["headers"]["Cache-Control"]
        assert reply["headers"]["Content-Encoding"] == "gzip"
        assert body(reply) == body(ask(answer, path))


def imports() -> dict[Path, list[Path]]:
    """What each module imports, at once or when it is needed."""
    written = re.compile(r'(?:from|import)\s*\(?\s*"(\.[^"]+)"')
    return {
        module: [
            (module.parent / found).resolve()
            for found in written.findall(
                re.sub(r"/\*\*.*?\*/", "", module.read_text(), flags=re.DOTALL)
            )
        ]
        for module in WEB.rglob("*.js")
    }


def test_every_module_that_is_imported_is_there() -> None:
    missing = [
        f"{module.name} imports {found}"
        for module, wanted in imports().items()
        for found in wanted
        if not found.is_file()
    ]
    assert missing == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    order = TopologicalSorter(imports())
    try:
        order.prepare()
    except CycleError as circle:
        pytest.fail(" imports ".join(path.name for path in reversed(circle.args[1])))


def test_the_page_is_asked_for_anew_and_answered_with_304_when_it_has_not_changed() -> None:
    answer = console()
    first = ask(answer, HOME)
    assert first["headers"]["Cache-Control"] == "no-cache"
    again = ask(answer, HOME, if_none_match=first["headers"]["ETag"])
    assert (again["statusCode"], again["body"]) == (304, "")
    # The tag names the bytes: the compressed ones are others.
    packed = ask(answer, HOME, accept_encoding="gzip", if_none_match=first["headers"]["ETag"])
    assert packed["statusCode"] == 200


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0"])
def test_nothing_is_compressed_for_who_cannot_read_it(accepted: str) -> None:
    assert "Content-Encoding" not in ask(console(), HOME, accept_encoding=accepted)["headers"]


def test_head_has_no_body_and_other_methods_are_refused() -> None:
    assert ask(console(), HOME, "HEAD")["body"] == ""
    refused = ask(console(), HOME, "POST")
    assert (refused["statusCode"], refused["headers"]["Allow"]) == (405, "GET, HEAD")


def test_the_root_leads_to_the_console() -> None:
    reply = ask(console(), "/")
    assert (reply["statusCode"], reply["headers"]["Location"]) == (302, HOME)


@pytest.mark.parametrize(
    "name",
    ["", "x.js", "../settings.py", "%2e%2e/settings.py", "vendor", "index.html", "docs.html"],
)
def test_what_is_no_asset_is_not_found(name: str) -> None:
    digest = assets(body(ask(console(), HOME)))[0].split("/")[3]
    assert ask(console(), f"{ASSETS}/{digest}/{name}")["statusCode"] == 404


def test_an_asset_of_another_release_is_not_found() -> None:
    assert ask(console(), f"{ASSETS}/0000000000000000/main.js")["statusCode"] == 404


@pytest.mark.parametrize("path", [HOME, DOCS])
def test_the_pages_run_no_inline_code_and_are_framed_by_nobody(path: str) -> None:
    reply = ask(console(), path)
    policy = reply["headers"]["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    page = body(reply).decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)


def test_only_the_origins_that_the_stack_names_may_frame_it() -> None:
    policy = ask(console(("https://a.example", "https://b.example")), HOME)["headers"]
    assert policy["Content-Security-Policy"].endswith(
        "frame-ancestors https://a.example https://b.example"
    )


def test_the_page_may_speak_to_the_issuer_and_to_nobody_else() -> None:
    policy = ask(console(issuer="https://id.example/tenant"), HOME)["headers"]
    assert "connect-src 'self' https://id.example;" in policy["Content-Security-Policy"]


def test_a_user_pools_tokens_are_asked_for_where_cognito_gives_them() -> None:
    issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool"
    policy = ask(console(issuer=issuer), HOME)["headers"]["Content-Security-Policy"]
    assert (
        "connect-src 'self' https://cognito-idp.eu-west-1.amazonaws.com"
        " https://*.auth.eu-west-1.amazoncognito.com;" in policy
    )


def test_a_stage_cannot_break_out_of_the_page(tmp_path: Path) -> None:
    for page in ("index.html", "docs.html"):
        (tmp_path / page).write_text('<meta data-stage="{{stage}}">')
    site = load(tmp_path, assets_at=ASSETS, settings={"stage": '"><script>alert(1)</script>'})
    assert b"<script>" not in site.page.plain


def test_a_module_is_sent_without_what_is_for_readers_of_its_source(tmp_path: Path) -> None:
    code = b'const at = "https://x"; // stays\nconst html = `<//> **/`;\nlet a = (b);\n'
    written = (
        b"/** What it is. */\n\n"
        b'const at = "https://x"; // stays\n'
        b"// Why.\n  /**\n   * @param {string} a *\n   */\n"
        b"const html = `<//> **/`;\n"
        b"let a = /** @type {any} */ (b);\n"
    )
    for name in ("index.html", "docs.html", "ours.js", "vendor/theirs.js"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(written)
    site = load(tmp_path, assets_at=ASSETS, settings={})
    assert site.assets["vendor/theirs.js"].plain == written
    assert site.assets["ours.js"].plain.strip() == code.strip()


def test_the_first_page_and_the_whole_console_stay_light() -> None:
    """Compressed, as they travel: the shell, the first screen and all that these import."""
    site = load(WEB, assets_at=ASSETS, settings={"stage": "", "issuer": "", "client": ""})
    first = {"main.js", "screens/health.js", "style.css", "icon.svg"}
    todo = [name for name in first if name.endswith(".js")]
    while todo:
        name = todo.pop()
        text = site.assets[name].plain.decode()
        for found in re.findall(r' from "(\.[^"]+)";', text):
            path = (Path("/") / name).parent / found
            other = str(path.resolve()).lstrip("/")
            if other not in first:
                first.add(other)
                todo.append(other)
    pages = len(site.page.packed) + len(site.docs.packed)
    first_bytes = len(site.page.packed) + sum(len(site.assets[name].packed) for name in first)
    all_bytes = pages + sum(len(file.packed) for file in site.assets.values())
    assert first_bytes <= FIRST_PAGE_BYTES
    assert all_bytes <= ALL_BYTES


def test_browser_code_of_others_is_what_it_is_pinned_to() -> None:
    pins = json.loads((WEB.parents[1] / "vendor.json").read_text())
    shipped = {path.name: path.read_bytes() for path in (WEB / "vendor").glob("*.js")}
    assert {name: vendor.integrity(content) for name, content in shipped.items()} == {
        name: pin["integrity"] for name, pin in pins.items()
    }
    assert all(pin["version"] and pin["license"] for pin in pins.values())
