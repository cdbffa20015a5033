"""pilotforce's site in a real browser, against the backend as `make up BACKEND=pilotforce` runs it."""

import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from e2e.running import PASSWORD, Backend

pytestmark = pytest.mark.browser
T = TypeVar("T")

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1000",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MISSING = (
    "the browser tests need Chromium and its driver: apt install chromium chromium-driver, "
    "brew install --cask chromium chromedriver"
)
WAIT_SECONDS = 20
WIDTH, HEIGHT, FRAME = 1280, 1000, 160


class Page:
    """What a person does with the site."""

    def __init__(self, driver: webdriver.Chrome, backend: Backend, folder: Path) -> None:
        self._driver = driver
        self._backend = backend
        self._folder = folder

    def open(self) -> None:
        self._driver.get(self._backend.outputs["siteUrl"])

    def reload(self) -> None:
        self._driver.refresh()

    def find(self, selector: str) -> WebElement:
        """The first visible element, once there is one."""
        return self._wait(f"no {selector}", lambda: next(iter(self.all(selector)), None))

    def all(self, selector: str) -> list[WebElement]:
        """The visible elements."""
        found = self._driver.find_elements(By.CSS_SELECTOR, selector)
        return [element for element in found if element.is_displayed()]

    def has(self, selector: str, text: str) -> None:
        """Waits for a text."""
        self._wait(
            f"no {text!r} in {selector}", lambda: any(text in element.text for element in self.all(selector))
        )

    def fill(self, **fields: str) -> None:
        """Types into fields by their names, in place of what is there."""
        for name, text in fields.items():
            field = self.find(f"[name={name}]")
            field.clear()
            field.send_keys(text)

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        self.fill(email=name, password=password)
        self.find("#sign-in-form button").click()

    def sign_out(self) -> None:
        self.find("#sign-out").click()
        self.find("#sign-in-form")

    def picture(self, name: str) -> WebElement:
        """The card of a picture, once the browser shows it."""
        self.has(".picture .file-name", name)
        (card,) = [element for element in self.all(".picture") if name in element.text]
        image = card.find_element(By.CSS_SELECTOR, "img")
        self._driver.execute_script("arguments[0].scrollIntoView()", image)
        self._wait(f"{name} is not drawn", lambda: image.get_property("naturalWidth"))
        return card

    def choose_file(self, path: Path) -> None:
        self._driver.find_element(By.ID, "file").send_keys(str(path))

    def _wait(self, complaint: str, look: Callable[[], T | None]) -> T:
        """What is there, once it is; a page that is just being left counts as nothing."""
        wait = WebDriverWait(self._driver, WAIT_SECONDS, ignored_exceptions=[StaleElementReferenceException])
        return wait.until(lambda _: look() or False, complaint)

    def script(self, code: str) -> object:
        return self._driver.execute_script(code)

    def complaints(self) -> list[str]:
        """What the browser holds against the site: errors of scripts, what its policy forbids, lost files.

        Not that a profile isn't there yet, which the API says with 404.
        """
        found = [entry for entry in self._driver.get_log("browser") if entry["level"] == "SEVERE"]
        return [entry["message"] for entry in found if "/api/profiles/" not in entry["message"]]

    def shoot(self, name: str) -> None:
        """Keeps a picture of the whole page, for people to look at."""
        height = int(self._driver.execute_script("scrollTo(0, 0); return document.body.scrollHeight"))
        self._driver.set_window_size(WIDTH, max(HEIGHT, height + FRAME))
        self._driver.save_screenshot(str(self._folder / f"{name}.png"))


@pytest.fixture(scope="session")
def site(backends: Callable[[str], Backend]) -> Backend:
    return backends("pilotforce")


@pytest.fixture
def page(site: Backend, tmp_path: Path) -> Iterator[Page]:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    chromedriver = shutil.which("chromedriver")
    if browser is None or chromedriver is None:
        pytest.fail(MISSING, pytrace=False)
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(chromedriver))
    try:
        found = Page(driver, site, tmp_path)
        found.open()
        yield found
    finally:
        driver.quit()


@pytest.fixture
def sunset(tmp_path: Path) -> Path:
    """A picture."""
    path = tmp_path / "sunset.png"
    path.write_bytes(png(480, 360))
    return path


def png(width: int, height: int) -> bytes:
    """A sun above the horizon."""

    def colour(x: int, y: int) -> tuple[int, int, int]:
        if (x - width * 0.65) ** 2 + (y - height * 0.45) ** 2 < (height * 0.16) ** 2:
            return 255, 214, 120
        if y > height * 0.7:
            return 24, 44, 84
        share = y / (height * 0.7)
        return int(70 + 175 * share), int(90 + 60 * share), int(170 - 60 * share)

    rows = (b"\0" + bytes(part for x in range(width) for part in colour(x, y)) for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_a_pilot_signs_in_edits_the_profile_and_shares_a_picture_that_a_viewer_sees(
    page: Page, site: Backend, sunset: Path
) -> None:
    pilot, viewer = site.person("pilot"), site.person("viewer")
    page.shoot("1-sign-in")
    page.sign_in(pilot.name)
    page.has("#who", pilot.name)
    page.has("#who-role", "pilot")

    page.fill(name="Pat Lee", callSign="Viper", bio="Mountain rescue, twin engines.\nMostly harmless.")
    page.find("#profile-form button").click()
    page.has("#notice", "Your profile is saved.")
    page.reload()
    page.has("#profile-hint", "Viper")
    assert page.find("#name").get_property("value") == "Pat Lee"

    page.choose_file(sunset)
    page.find("#preview")
    page.shoot("2-preview")
    page.find("#upload-form button").click()
    page.has("#notice", "“sunset.png” is uploaded.")
    card = page.picture("sunset.png")
    Select(card.find_element(By.CSS_SELECTOR, "select")).select_by_visible_text("Everyone")
    page.has("#notice", "“sunset.png” can be seen by everyone.")
    page.shoot("3-home")

    page.sign_out()
    page.sign_in(viewer.name)
    page.picture("sunset.png")
    assert page.all("#upload, .owner") == []
    page.shoot("4-viewer")
    assert page.complaints() == []


def test_a_picture_is_deleted_once_its_owner_has_confirmed(page: Page, site: Backend, sunset: Path) -> None:
    page.sign_in(site.person("pilot").name)
    page.find("#profile-form")
    page.choose_file(sunset)
    page.find("#upload-form button").click()
    card = page.picture("sunset.png")
    card.find_element(By.CSS_SELECTOR, "button.danger").click()
    page.find("#confirm button[value=no]").click()
    page.picture("sunset.png").find_element(By.CSS_SELECTOR, "button.danger").click()
    page.find("#confirm button[value=yes]").click()
    page.has("#notice", "“sunset.png” is deleted.")
    assert page.all(".picture") == []
    assert page.complaints() == []


def test_what_is_no_picture_is_refused_before_it_is_sent(page: Page, site: Backend, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("hello")
    page.sign_in(site.person("pilot").name)
    page.find("#profile-form")
    page.choose_file(file)
    page.has(
        "#notice", "“notes.txt” is not a picture of a kind that can be shown here: GIF, JPEG, PNG, WEBP."
    )
    page.find("#upload-form button").click()
    assert page.all(".picture") == []
    assert page.complaints() == []


def test_an_invited_person_chooses_a_password(page: Page, site: Backend) -> None:
    name, temporary = "invited@example.com", "Temporary-Horse-8"
    site.cognito.admin_create_user(
        UserPoolId=site.pool,
        Username=name,
        TemporaryPassword=temporary,
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "email", "Value": name}, {"Name": "email_verified", "Value": "true"}],
    )
    page.sign_in(name, temporary)
    page.has("#challenge-title", "Choose a password")
    page.fill(answer=PASSWORD)
    page.find("#challenge-form button").click()
    page.has("#who", name)
    page.has("#empty", "An administrator has to add you to a group")
    page.sign_out()
    page.sign_in(name)
    page.has("#who", name)


def test_a_wrong_password_is_told_and_opens_nothing(page: Page, site: Backend) -> None:
    page.sign_in(site.person("pilot").name, "Wrong-Horse-9")
    page.has("#notice.error", "Incorrect username or password.")
    assert page.all("#home") == []


def test_every_field_has_a_name_for_screen_readers(page: Page, site: Backend) -> None:
    page.sign_in(site.person("pilot").name)
    page.find("#upload-form")
    nameless = page.script(
        "return [...document.querySelectorAll('input, select, textarea, button')]"
        ".filter((it) => !(it.labels?.length || it.ariaLabel || it.textContent.trim()))"
        ".map((it) => it.outerHTML)"
    )
    assert nameless == []
