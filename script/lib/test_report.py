"""Prints the slowest and the failed tests of the xUnit files of `swift test --xunit-output`: test_report.py COUNT FILE…"""

import pathlib
import sys
import xml.etree.ElementTree

count, files = int(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]]
tests, failures = [], []
for file in files:
    run = file.stem.removesuffix("-swift-testing")
    try:
        cases = list(xml.etree.ElementTree.parse(file).iter("testcase"))
    except (OSError, xml.etree.ElementTree.ParseError) as error:
        # A run that was killed writes no whole file.
        print(f"        no times of the run “{run}”: {error}")
        continue
    failures += [(case, failure, run) for case in cases for failure in case.iter("failure")]
    found = [
        (float(case.get("time", 0)), f"{case.get('classname')}/{case.get('name')}", run)
        for case in cases
        if case.find("skipped") is None
    ]
    if found:
        print(f"{len(found):7} tests in the run “{run}”")
        tests += found
print(f"\n{count} slowest tests:")
for seconds, name, run in sorted(tests, reverse=True)[:count]:
    print(f"{seconds:9.1f} s  {name}  ({run})")

# Last, so that the end of a long log names them.
if failures:
    print("\nfailed tests:")
for case, failure, run in failures:
    message = " ".join((failure.get("message") or failure.text or "").split())
    print(f"    {case.get('classname')}/{case.get('name')}  ({run})\n        {message[:1000]}")
