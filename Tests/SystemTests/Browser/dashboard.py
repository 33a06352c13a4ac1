"""Walks through the dashboard in Chromium and prints what it found as JSON: dashboard.py PACKAGES URL KEY_FILE ISSUE ADMIN_FILE

With axe-core on every page in both themes; once more without scripts; and by the keyboard alone.
"""
import json
import pathlib
import sys

packages, url, key_file, issue, admin_file = sys.argv[1:6]
sys.path.insert(0, packages)
from axe_selenium_python import Axe
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

key = pathlib.Path(key_file).read_text().strip()
admin = pathlib.Path(admin_file).read_text().strip()
PAGES = ["/dashboard", "/dashboard/issues", f"/dashboard/issues/{issue}", "/dashboard/alerts", "/dashboard/issues/NONE-1",
         "/dashboard/notifications", "/dashboard/silences", "/dashboard/rules", "/dashboard/rules/new",
         "/dashboard/scorecards?last_days=30", "/dashboard/routes", "/dashboard/routes/new", "/dashboard/channels",
         "/dashboard/channels/new?kind=webhook", "/dashboard/setup", "/dashboard/forecast", "/dashboard/keys",
         "/dashboard/members", "/dashboard/plan", "/docs", "/docs/issues", "/docs/schemas", "/docs/schemas/Tenant"]
PAGES += ["/dashboard/projects", f"/dashboard/projects/{issue.split('-')[0]}", "/dashboard/sprints", "/dashboard/sprints/7",
          "/dashboard/audit"]


OWNERS_PAGES = [f"/dashboard/operator{page}" for page in ["", "/tenants", "/work", "/usage", "/audit"]]
THEMES = ["light", "dark"]


def browser(scripts=True):
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"]:
        options.add_argument(argument)
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    driver.implicitly_wait(20)
    return driver


def follow(driver, press):
    """Presses what leads to another page and waits for that page: a click may return before its navigation has begun."""
    page = driver.find_element(By.TAG_NAME, "html")
    press()
    WebDriverWait(driver, 60).until(staleness_of(page))


def sign_in(driver, page="/dashboard/issues?min_score=1", secret=None):
    driver.get(url + page)
    driver.find_element(By.NAME, "api_key").send_keys(secret or key)
    follow(driver, driver.find_element(By.CSS_SELECTOR, "main button").click)


def violations(driver):
    axe = Axe(driver)
    axe.inject()
    found = axe.run()["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def with_axe():
    driver, found = browser(), {}
    try:
        for theme in THEMES:
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]})
            driver.get(url + "/dashboard/sign-in")
            found[f"sign-in {theme}"] = violations(driver)
            if theme == "light":
                sign_in(driver)
                found["address after signing in"] = driver.current_url.removeprefix(url)
            for page in PAGES:
                driver.get(url + page)
                found[f"{page} {theme}"] = violations(driver)
        owner = browser()
        try:
            sign_in(owner, "/dashboard/sign-in?next=/dashboard/operator", admin)
            for page in OWNERS_PAGES:
                for theme in THEMES:
                    owner.execute_cdp_cmd(
                        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]})
                    owner.get(url + page)
                    found[f"{page} {theme}"] = violations(owner)
        finally:
            owner.quit()
        # On a phone nothing but tables is wider than the screen.
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": 375, "height": 800, "deviceScaleFactor": 1, "mobile": True})
        for page in PAGES:
            driver.get(url + page)
            found[f"{page} width"] = driver.execute_script("return document.documentElement.scrollWidth")
        found["console"] = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"
                            and "404" not in entry["message"]]
    finally:
        driver.quit()
    return found


def without_scripts():
    driver = browser(scripts=False)
    try:
        sign_in(driver)
        follow(driver, driver.find_element(By.LINK_TEXT, issue).click)
        heading = driver.find_element(By.TAG_NAME, "h1").text
        follow(driver, driver.find_element(By.LINK_TEXT, "Alerts").click)
        follow(driver, driver.find_element(By.XPATH, "//button[text()='Sign out']").click)
        return {"heading": heading, "signed out": driver.current_url.removeprefix(url)}
    finally:
        driver.quit()


def by_keyboard():
    driver = browser()
    try:
        sign_in(driver)
        driver.get(url + "/dashboard")
        driver.switch_to.active_element.send_keys(Keys.TAB)
        names = []
        for _ in range(45):
            active = driver.switch_to.active_element
            names.append((active.text or active.get_attribute("aria-label") or active.tag_name).strip())
            if active.text == issue:
                follow(driver, lambda: active.send_keys(Keys.ENTER))
                break
            active.send_keys(Keys.TAB)
        return {"first": names[0], "page": driver.current_url.removeprefix(url)}
    finally:
        driver.quit()


def a_rule_by_keyboard():
    """Fills in the form of a rule, tries it and saves it, with keys alone and without scripts."""
    driver = browser(scripts=False)
    try:
        sign_in(driver)
        driver.get(url + "/dashboard/rules/new")
        driver.find_element(By.NAME, "name").send_keys("By keyboard")
        level = driver.find_element(By.NAME, "raise_at")
        level.send_keys(Keys.CONTROL, "a")
        level.send_keys("1")
        clear = driver.find_element(By.NAME, "clear_below")
        clear.send_keys(Keys.CONTROL, "a")
        # Enter presses the first button of a form, which tries and does not save.
        follow(driver, lambda: clear.send_keys("1", Keys.ENTER))
        driver.find_element(By.ID, "trial")
        follow(driver, lambda: driver.find_element(By.CSS_SELECTOR, ".result button").send_keys(Keys.ENTER))
        return {"saved": driver.find_element(By.LINK_TEXT, "By keyboard").text}
    finally:
        driver.quit()


print(json.dumps({"rule": a_rule_by_keyboard(), "axe": with_axe(), "without scripts": without_scripts(), "keyboard": by_keyboard()}))
