"""Prints the slowest tests of the xUnit files of `swift test --xunit-output`: slowest_tests.py COUNT FILE…"""

import pathlib
import sys
import xml.etree.ElementTree

count, files = int(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]]
tests = []
for file in files:
    if not file.is_file():
        continue
    run = file.stem.removesuffix("-swift-testing")
    found = [
        (float(case.get("time", 0)), f"{case.get('classname')}/{case.get('name')}", run)
        for case in xml.etree.ElementTree.parse(file).iter("testcase")
        if case.find("skipped") is None
    ]
    if found:
        print(f"{len(found):7} tests in the run “{run}”")
        tests += found
print(f"\n{count} slowest tests:")
for seconds, name, run in sorted(tests, reverse=True)[:count]:
    print(f"{seconds:9.1f} s  {name}  ({run})")
