"""Prints the slowest tests of the xUnit files of `swift test --xunit-output`: slowest_tests.py COUNT FILE…"""

import pathlib
import sys
import xml.etree.ElementTree

count, files = int(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]]
tests = []
for file in files:
    run = file.stem.removesuffix("-swift-testing")
    try:
        cases = list(xml.etree.ElementTree.parse(file).iter("testcase"))
    except (OSError, xml.etree.ElementTree.ParseError) as error:
        # A run that was killed writes no whole file.
        print(f"        no times of the run “{run}”: {error}")
        continue
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
