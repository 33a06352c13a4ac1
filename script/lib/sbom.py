"""Writes the bill of materials of a package of consilod as CycloneDX 1.6 JSON, and validates it.

sbom.py PACKAGE.deb ENGINE-VERSION SWIFT-VERSION CHECKOUTS <DEPENDENCIES.json

Components: the Swift packages that are linked into the program (standard input is what `swift package show-dependencies
--format json` prints; CHECKOUTS has their licences), Swift's own library, OpenVINO, and Debian's packages that the package depends on, in the
versions of this machine. SOURCE_DATE_EPOCH is its time: the same package gives the same document.
"""
import datetime
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import uuid

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

LICENCES = {
    "Apache License": "Apache-2.0", "The MIT License": "MIT", "MIT License": "MIT",
    "Permission is hereby granted, free of charge": "MIT", "ISC License": "ISC",
}


def field(package: str, name: str) -> str:
    return subprocess.run(["dpkg-deb", "-f", package, name], check=True, capture_output=True, text=True).stdout.strip()


def licence_of(checkout: pathlib.Path) -> str | None:
    """The SPDX id that the first words of a licence file stand for; None for one that is not known here."""
    for file in sorted(checkout.glob("LICEN*")):
        text = file.read_text(errors="replace")[:2000]
        for words, identifier in LICENCES.items():
            if words in text:
                return identifier
    return None


def library(name: str, version: str, purl: PackageURL, licence: str | None) -> Component:
    licences = [LicenseFactory().make_with_id(licence)] if licence else []
    return Component(
        type=ComponentType.LIBRARY, name=name, version=version, purl=purl, bom_ref=purl.to_string(), licenses=licences)


def swift_packages(tree: dict, checkouts: pathlib.Path) -> list[Component]:
    found, left = {}, list(tree["dependencies"])
    while left:
        node = left.pop()
        left += node["dependencies"]
        owner, name = node["url"].removesuffix(".git").split("/")[-2:]
        purl = PackageURL("swift", f"github.com/{owner}", name, node["version"])
        found[purl.to_string()] = library(name, node["version"], purl, licence_of(checkouts / name))
    return list(found.values())


def debian_packages(package: str) -> list[Component]:
    components = []
    # The first of alternatives is the one that is built against.
    for entry in field(package, "Depends").split(","):
        name = entry.split("|")[0].split("(")[0].split(":")[0].strip()
        version = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}", name], check=True, capture_output=True, text=True).stdout
        components.append(library(name, version, PackageURL("deb", "debian", name, version), None))
    return components


def main() -> None:
    package, engine, swift, checkouts = sys.argv[1], sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4])
    content = pathlib.Path(package).read_bytes()
    version = field(package, "Version")
    purl = PackageURL("deb", None, "consilod", version, {"arch": field(package, "Architecture")})
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, hashlib.sha256(content).hexdigest()))
    bom.metadata.timestamp = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.UTC)
    bom.metadata.component = Component(
        type=ComponentType.APPLICATION, name="consilod", version=version, purl=purl, bom_ref=purl.to_string(),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(content).hexdigest())],
        licenses=[LicenseFactory().make_with_id("Apache-2.0")])
    components = swift_packages(json.load(sys.stdin), checkouts) + debian_packages(package)
    components.append(library("openvino", engine, PackageURL("pypi", None, "openvino", engine), "Apache-2.0"))
    components.append(library("swift", swift, PackageURL("generic", None, "swift", swift), "Apache-2.0"))
    bom.components.update(components)
    bom.register_dependency(bom.metadata.component, components)
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if error:
        raise SystemExit(f"sbom: the document is not valid CycloneDX: {error}")
    unknown = [str(component.purl) for component in components
               if not component.licenses and component.purl and component.purl.type == "swift"]
    if unknown:
        raise SystemExit(f"sbom: no known licence: {', '.join(unknown)}")
    print(text)


main()
