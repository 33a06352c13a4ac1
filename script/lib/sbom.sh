# shellcheck shell=bash
# Source this for install_sbom_library and write_sbom: a software bill of materials in CycloneDX 1.6, made and validated by
# cyclonedx-python-lib from PyPI, in `.engine/sbom`.

# shellcheck source=script/lib/python-package.sh
source script/lib/python-package.sh
# shellcheck source=script/lib/engine.sh
source script/lib/engine.sh

sbom_prefix=.engine/sbom
sbom_library='cyclonedx-python-lib[json-validation]==11.12.0'
# What it depends on.
sbom_constraints=(
    arrow==1.4.0 attrs==26.1.0 boolean.py==5.0 defusedxml==0.7.1 fqdn==1.6.0 idna==3.20 isoduration==20.11.0
    jsonpointer==3.12 jsonschema==4.26.0 jsonschema-specifications==2025.9.1 lark==1.3.1 license-expression==30.4.4
    packageurl-python==0.17.6 py-serializable==2.2.0 python-dateutil==4.0.0 referencing==0.37.0 rfc3339-validator==0.1.4
    rfc3986-validator==0.1.1 rfc3987-syntax==1.1.0 rpds-py==2026.9.1 six==1.17.0 sortedcontainers==2.4.0
    typing-extensions==4.16.0 tzdata==2026.6 uri-template==1.3.0 webcolors==25.10.0
)

# 1, with the reason, where it cannot be had.
install_sbom_library() { install_python_package "$sbom_prefix" "$sbom_library" "${sbom_constraints[@]}"; }

write_sbom() { # package, file
    swift package show-dependencies --format json 2>/dev/null |
        PYTHONPATH=$sbom_prefix SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) \
            /usr/bin/python3 script/lib/sbom.py "$1" "$engine_version" \
            "$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9.]+).*/\1/p')" .build/checkouts >"$2"
}
