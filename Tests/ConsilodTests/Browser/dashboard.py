"""Walks through the dashboard in Chromium and prints what it found as JSON: dashboard.py PACKAGES URL KEY_FILE ISSUE

With axe-core on every page in both themes; once more without scripts; and by the keyboard alone.
"""
import json
import pathlib
import sys

packages, url, key_file, issue = sys.argv[1:5]
sys.path.insert(0, packages)
from axe_selenium_python import Axe
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

key = pathlib.Path(key_file).read_text().strip()
PAGES = ["/dashboard", "/dashboard/issues", f"/dashboard/issues/{issue}", "/dashboard/alerts", "/dashboard/issues/NONE-1"]


def browser(scripts=True):
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"]:
        options.add_argument(argument)
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def sign_in(driver):
    driver.get(url + "/dashboard/issues?min_score=1")
    driver.find_element(By.NAME, "api_key").send_keys(key)
    driver.find_element(By.CSS_SELECTOR, "main button").click()


def violations(driver):
    axe = Axe(driver)
    axe.inject()
    found = axe.run()["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def with_axe():
    driver, found = browser(), {}
    try:
        for theme in ["light", "dark"]:
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]})
            driver.get(url + "/dashboard/sign-in")
            found[f"sign-in {theme}"] = violations(driver)
            if theme == "light":
                sign_in(driver)
                found["address after signing in"] = driver.current_url.removeprefix(url)
            for page in PAGES:
                driver.get(url + page)
                found[f"{page} {theme}"] = violations(driver)
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
        driver.find_element(By.LINK_TEXT, issue).click()
        heading = driver.find_element(By.TAG_NAME, "h1").text
        driver.find_element(By.LINK_TEXT, "Alerts").click()
        driver.find_element(By.XPATH, "//button[text()='Sign out']").click()
        WebDriverWait(driver, 10).until(lambda driver: driver.current_url.endswith("/sign-in"))
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
        for _ in range(40):
            active = driver.switch_to.active_element
            names.append((active.text or active.get_attribute("aria-label") or active.tag_name).strip())
            if active.text == issue:
                active.send_keys(Keys.ENTER)
                break
            active.send_keys(Keys.TAB)
        return {"first": names[0], "page": driver.current_url.removeprefix(url)}
    finally:
        driver.quit()


print(json.dumps({"axe": with_axe(), "without scripts": without_scripts(), "keyboard": by_keyboard()}))
