"""Takes pictures of pages of the dashboard: screenshots.py PACKAGES LINK FOLDER

LINK signs in once. Each picture is 1,100 pixels wide in the light theme, and at most 120 kB: what does not fit below is cut off.
"""
import base64
import pathlib
import sys
import urllib.parse

packages, link, folder = sys.argv[1:4]
sys.path.insert(0, packages)
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

WIDTH, LIMIT = 1100, 120_000
HEIGHTS = (800, 700, 600, 500, 400)
url = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(link))

options = webdriver.ChromeOptions()
for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                 f"--window-size={WIDTH},900"]:
    options.add_argument(argument)
driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def picture(name):
    """The upper part of the page, as much of it as the limit allows."""
    page = int(driver.execute_script("return document.documentElement.scrollHeight"))
    for height in HEIGHTS:
        shot = driver.execute_cdp_cmd("Page.captureScreenshot", {
            "format": "png", "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": WIDTH, "height": min(height, page), "scale": 1}})
        data = base64.b64decode(shot["data"])
        if len(data) <= LIMIT:
            break
    else:
        raise SystemExit(f"{name}: {len(data)} bytes")
    (pathlib.Path(folder) / f"{name}.png").write_bytes(data)


try:
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": WIDTH, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "light"}]})
    driver.get(link)
    driver.find_element(By.CSS_SELECTOR, "main button").click()
    WebDriverWait(driver, 20).until(lambda driver: driver.current_url.rstrip("/").endswith("/dashboard"))
    # A worker makes the figures of the past when somebody looks; the page loads itself again until they are there.
    WebDriverWait(driver, 60).until(lambda driver: driver.find_elements(By.CSS_SELECTOR, "main svg"))
    picture("overview")
    driver.get(url + "/dashboard/issues")
    # The riskiest issue.
    issue = driver.find_element(By.CSS_SELECTOR, "main tbody a[href^='/dashboard/issues/']").get_attribute("href")
    sprints = driver.find_elements(By.CSS_SELECTOR, "nav a[href='/dashboard/sprints']")
    if sprints:
        driver.get(url + "/dashboard/sprints")
        inner = driver.find_elements(By.CSS_SELECTOR, "main a[href^='/dashboard/sprints/']")
        if inner:
            driver.get(inner[0].get_attribute("href"))
        picture("sprint")
    else:
        picture("issues")
    driver.get(issue)
    picture("issue")
    driver.get(url + "/dashboard/alerts")
    picture("alerts")
finally:
    driver.quit()
