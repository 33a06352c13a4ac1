"""Watches an open page of the dashboard while webhooks come, and tries the API reference: live.py PACKAGES URL KEY_FILE WEBHOOKS

WEBHOOKS is a JSON list of [path, headers, body], of which each makes an issue. Prints what it found as JSON.
"""
import json
import pathlib
import sys
import time
import urllib.request

packages, url, key_file, webhooks = sys.argv[1:5]
sys.path.insert(0, packages)
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

key = pathlib.Path(key_file).read_text().strip()
hooks = json.loads(pathlib.Path(webhooks).read_text())
options = webdriver.ChromeOptions()
for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"]:
    options.add_argument(argument)
options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def send(hook):
    path, headers, body = hook
    request = urllib.request.Request(url + path, data=body.encode(), headers=headers, method="POST")
    urllib.request.urlopen(request).close()


def until(condition, seconds=20):
    return WebDriverWait(driver, seconds, poll_frequency=0.02).until(condition)


def shows(key):
    # In one step: the content may be replaced between two.
    return lambda driver: key in driver.execute_script("return document.querySelector('main').textContent")


try:
    found = {}
    driver.get(url + "/dashboard/issues")
    driver.find_element(By.NAME, "api_key").send_keys(key)
    # The click may return before its navigation has begun.
    page = driver.find_element(By.TAG_NAME, "html")
    driver.find_element(By.CSS_SELECTOR, "main button").click()
    until(staleness_of(page))
    until(lambda driver: driver.current_url.endswith("/dashboard/issues"))
    driver.execute_script("window.wasNotLoadedAgain = true")
    # The stream is open once the page is at rest.
    until(lambda driver: driver.execute_script(
        "return performance.getEntriesByType('resource').some((entry) => entry.name.endsWith('.js'))"))
    time.sleep(0.5)


    def seconds_until_shown(hook, key):
        began = time.monotonic()
        send(hook)
        until(shows(key))
        return time.monotonic() - began
    first = seconds_until_shown(hooks[0], "PAY-1")
    found["same page"] = driver.execute_script("return window.wasNotLoadedAgain === true")

    # The focus stays on the link that has it.
    driver.execute_script("[...document.querySelectorAll('main a')].find((link) => link.textContent === 'PAY-1').focus()")
    time.sleep(1.1)
    # The better of two: the machine may be busy with something else for a moment.
    found["seconds"] = min(first, seconds_until_shown(hooks[1], "PAY-2"))
    found["focus"] = driver.execute_script("return document.activeElement.textContent")

    # A form that somebody is at is left alone until it is as it was.
    field = driver.find_element(By.ID, "project")
    field.send_keys("PA")
    send(hooks[2])
    time.sleep(2.5)
    found["while editing"] = [field.get_attribute("value"), shows("PAY-3")(driver)]
    field.clear()
    driver.execute_script("document.activeElement.blur()")
    until(shows("PAY-3"))

    # The API reference runs a request.
    driver.get(url + "/docs/issues")
    form = driver.find_element(By.CSS_SELECTOR, "form.try[data-path='/api/issues']")
    form.find_element(By.CSS_SELECTOR, "input[type=password]").send_keys(key)
    form.find_element(By.CSS_SELECTOR, "input[name=limit]").send_keys("1")
    form.find_element(By.CSS_SELECTOR, "button").click()
    until(lambda driver: form.find_element(By.TAG_NAME, "output").text.startswith("200"))
    found["tried"] = len(json.loads(form.find_element(By.TAG_NAME, "pre").text))
    found["address"] = driver.current_url.removeprefix(url)
    found["console"] = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"
                        and "favicon" not in entry["message"]]
    print(json.dumps(found))
finally:
    driver.quit()
